// Turns local git clones into the default model's corpus: one UTF-8 file per kept source file, below OUT/train and OUT/heldout.
//
//   node training/corpus/build.mjs --clones DIR --out DIR [--manifest FILE]
//
// DIR holds one clone (bare or not) per manifest row, in a folder named owner+name. Deterministic: commits are pinned by
// manifest.tsv, files are visited folder by folder in an order given by hashes of the folders' names, so that a limit takes a fair sample
// of whole folders, and nothing depends on the clock. What was kept and dropped goes to OUT/statistics.json; OUT/languages.md sums it up
// by language; OUT/attribution.md names every repository with its commit, license and copyright lines.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cleanSource, droppedByPath, languageOf } from './filters.mjs';
import { bearsOut, copyrightLines, foldersUnderOtherLicenses, hasOtherLicense, isLicenseFile } from './licenses.mjs';
import { NearDuplicates } from './nearDuplicates.mjs';

/** What one repository may give: much of one teaches little more, and settings and prose are alike everywhere. */
const MAX_BYTES_PER_REPOSITORY = 8_000_000;
const MAX_BYTES_OF_LANGUAGE = {
  json: 300_000,
  yaml: 600_000,
  toml: 300_000,
  html: 600_000,
  css: 1_500_000,
  sql: 1_500_000,
  markdown: 2_000_000,
};
const MAX_FILE_BYTES = 100_000;

const { values } = parseArgs({
  options: {
    clones: { type: 'string' },
    out: { type: 'string' },
    manifest: { type: 'string', default: path.join(import.meta.dirname, 'manifest.tsv') },
  },
});
if (!values.clones || !values.out) {
  console.error(
    'corpus: expected --clones DIR and --out DIR, and a --manifest other than manifest.tsv if that is meant',
  );
  process.exit(2);
}
rmSync(values.out, { recursive: true, force: true });

const manifest = readManifest(values.manifest);
const duplicates = new NearDuplicates();
const statistics = [];
// Held-out repositories go first, so that a copy of one of their files is dropped from training and not the other way round.
for (const row of [...manifest].sort((a, b) => a.part.localeCompare(b.part))) statistics.push(extract(row));
writeFileSync(path.join(values.out, 'statistics.json'), `${JSON.stringify(statistics, null, 1)}\n`);
writeFileSync(path.join(values.out, 'languages.md'), languageTable());
writeFileSync(path.join(values.out, 'attribution.md'), attributionList());
for (const part of ['heldout', 'train']) {
  const rows = statistics.filter((row) => row.part === part);
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  console.error(`${part}: ${rows.length} repositories, ${sum('files')} files, ${(sum('bytes') / 1e6).toFixed(1)} MB`);
}

function readManifest(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line && !line.startsWith('#'))
    .map((line) => {
      const [part, repository, commit, license, leftOut] = line.split('\t');
      return { part, repository, commit, license, leftOut: leftOut === '-' ? [] : leftOut.split(',') };
    });
}

function extract({ part, repository, commit, license, leftOut }) {
  const git = gitDirectory(repository);
  const folder = repository.replace('/', '+');
  const all = listFiles(git, commit);
  const licenseFiles = readTexts(
    git,
    all.filter(({ name, size }) => isLicenseFile(name) && size <= MAX_FILE_BYTES),
  );
  const ownLicense = licenseFiles
    .filter(({ name }) => !name.includes('/'))
    .map(({ text }) => text)
    .join('\n');
  if (!bearsOut(license, ownLicense))
    throw new Error(`corpus: ${repository}: expected a license file saying ${license}`);
  const otherwiseLicensed = foldersUnderOtherLicenses(licenseFiles);

  const dropped = {};
  const drop = (reason) => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  const bytesByLanguage = {};
  const filesByLanguage = {};
  const candidates = all.filter(({ name, size }) => {
    if (!languageOf(name)) return false;
    const reason =
      droppedByPath(name, leftOut) ??
      (otherwiseLicensed.some((prefix) => name.startsWith(prefix)) ? 'license' : undefined) ??
      (size > MAX_FILE_BYTES ? 'too large' : undefined);
    if (reason) drop(reason);
    return !reason;
  });
  for (const [index, content] of readBlobs(git, candidates).entries()) {
    const { name } = candidates[index];
    const language = languageOf(name);
    if ((bytesByLanguage[language] ?? 0) > (MAX_BYTES_OF_LANGUAGE[language] ?? MAX_BYTES_PER_REPOSITORY)) {
      drop('repository cap');
      continue;
    }
    if (hasOtherLicense(content.toString('latin1', 0, 8000))) {
      drop('license');
      continue;
    }
    const cleaned = cleanSource(content, language);
    if (cleaned.reason) {
      drop(cleaned.reason);
      continue;
    }
    const refusal = duplicates.refusal(cleaned.text, { heldOut: part === 'heldout' });
    if (refusal) {
      drop(refusal);
      continue;
    }
    // A held-out file is measured as it lies in its repository, license header and all.
    const kept = part === 'heldout' ? content : Buffer.from(cleaned.text);
    const target = path.join(values.out, part, folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, kept);
    bytesByLanguage[language] = (bytesByLanguage[language] ?? 0) + kept.length;
    filesByLanguage[language] = (filesByLanguage[language] ?? 0) + 1;
  }
  const files = sumOf(filesByLanguage);
  const bytes = sumOf(bytesByLanguage);
  console.error(`${part} ${repository}: ${files} files, ${(bytes / 1e6).toFixed(2)} MB`);
  const copyrights = copyrightLines(ownLicense);
  return { part, repository, commit, license, copyrights, files, bytes, bytesByLanguage, filesByLanguage, dropped };
}

function sumOf(counts) {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function languageTable() {
  const languages = new Map();
  for (const { part, bytesByLanguage, filesByLanguage } of statistics) {
    for (const [language, bytes] of Object.entries(bytesByLanguage)) {
      const row = languages.get(language) ?? { train: [0, 0], heldout: [0, 0] };
      row[part][0] += filesByLanguage[language];
      row[part][1] += bytes;
      languages.set(language, row);
    }
  }
  const rows = [...languages].sort(([, a], [, b]) => b.train[1] - a.train[1]);
  const total = { train: [0, 0], heldout: [0, 0] };
  for (const [, row] of rows)
    for (const part of ['train', 'heldout']) total[part] = total[part].map((n, i) => n + row[part][i]);
  const lines = [...rows, ['total', total]].map(
    ([name, { train, heldout }]) =>
      `| ${name} | ${train[0]} | ${(train[1] / 1e6).toFixed(2)} | ${heldout[0]} | ${(heldout[1] / 1e6).toFixed(2)} |`,
  );
  return `| language | files for training | MB | files held out | MB |\n| --- | ---: | ---: | ---: | ---: |\n${lines.join('\n')}\n`;
}

function attributionList() {
  const rows = statistics.map(
    ({ part, repository, commit, license, copyrights }) =>
      `- ${repository} (${license}, ${commit.slice(0, 12)}${part === 'heldout' ? ', held out: measured on, never learnt from' : ''})` +
      copyrights.map((line) => `\n  ${line}`).join(''),
  );
  return `# What the corpus is made of\n\nMade by build.mjs from the license files at the pinned commits; paths that are left out are in manifest.tsv.\n\n${rows.join('\n')}\n`;
}

function gitDirectory(repository) {
  const base = path.join(values.clones, repository.replace('/', '+'));
  const found = [base, path.join(base, '.git'), path.join(base, 'repo'), path.join(base, 'repo', '.git')].find(
    (candidate) => existsSync(path.join(candidate, 'HEAD')),
  );
  if (!found) throw new Error(`corpus: no clone of ${repository} at ${base}; clone it there`);
  return found;
}

function run(git, args, input) {
  const { status, stdout, stderr } = spawnSync('git', ['-C', git, ...args], { input, maxBuffer: 2 ** 31 });
  if (status !== 0) throw new Error(`corpus: git ${args[0]} failed in ${git}: ${stderr}`);
  return stdout;
}

function listFiles(git, commit) {
  return run(git, ['ls-tree', '-r', '-l', '-z', commit])
    .toString('utf8')
    .split('\0')
    .map((line) => /^(\d+) blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line))
    .filter((match) => match && match[1] !== '120000')
    .map(([, , object, size, name]) => ({ object, size: Number(size), name }))
    .map((file) => ({ ...file, order: `${folderHash(file.name)} ${file.name}` }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
}

function folderHash(name) {
  return createHash('md5').update(path.posix.dirname(name)).digest('hex').slice(0, 8);
}

function readTexts(git, files) {
  return readBlobs(git, files).map((content, i) => ({ name: files[i].name, text: content.toString('utf8') }));
}

/** Contents in the order asked for, an empty buffer where the clone lacks the object. */
function readBlobs(git, files) {
  const output = run(git, ['cat-file', '--batch'], files.map(({ object }) => `${object}\n`).join(''));
  let at = 0;
  return files.map(() => {
    const lineEnd = output.indexOf(10, at);
    const [object, kind, size] = output.toString('latin1', at, lineEnd).split(' ');
    at = lineEnd + 1;
    if (kind !== 'blob') return Buffer.alloc(0, object);
    const content = output.subarray(at, at + Number(size));
    at += Number(size) + 1;
    return content;
  });
}
