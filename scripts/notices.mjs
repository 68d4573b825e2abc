// Writes dist/ThirdPartyNotices.txt: the license text of every package whose code is bundled or staged. A package that carries no
// text of its own needs one in scripts/licenses; without it packaging fails.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './dependencies.mjs';

const licensesFolder = path.join(root, 'scripts', 'licenses');
/** Packages that publish no license text, with the file that holds it. */
const textsElsewhere = { 'onnxruntime-common': 'onnxruntime.txt', 'onnxruntime-node': 'onnxruntime.txt' };

/** What a package ships beside its own license: the texts of the C libraries that its WebAssembly holds. */
const textsWithin = { '@jsquash/jpeg': 'codec/LICENSE.codec.md', '@jsquash/webp': 'codec/LICENSE.codec.md' };

/** The packages whose files esbuild put into a bundle. */
export function bundledPackages(metafile) {
  const names = Object.keys(metafile.inputs).map((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

function licenseText(name) {
  const folder = path.join(root, 'node_modules', name);
  const own = readdirSync(folder).find((file) => /^(license|licence|copying)/i.test(file));
  const read = (file) => readFileSync(path.join(folder, file), 'utf8').trim();
  const within = textsWithin[name];
  if (own) return within ? `${read(own)}\n\n${read(within)}` : read(own);
  const elsewhere = textsElsewhere[name];
  if (elsewhere && existsSync(path.join(licensesFolder, elsewhere))) {
    return readFileSync(path.join(licensesFolder, elsewhere), 'utf8').trim();
  }
  throw new Error(
    `notices: ${name} carries no license text; repair: add it to ${licensesFolder} and to textsElsewhere`,
  );
}

export function writeNotices(packages) {
  const sections = packages.map((name) => {
    const { version, license } = JSON.parse(
      readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8'),
    );
    return `${name} ${version} (${license})\n${'-'.repeat(72)}\n${licenseText(name)}\n`;
  });
  const opening = [
    'Chainrule contains the software below, each under its own license.',
    'ONNX Runtime is itself made of further software: see ThirdPartyNotices.txt in its repository, github.com/microsoft/onnxruntime.',
  ];
  writeFileSync(path.join(root, 'dist', 'ThirdPartyNotices.txt'), `${opening.join('\n')}\n\n${sections.join('\n\n')}`);
}
