// Turns local git clones into the default model's corpus: one UTF-8 file per kept source file, below OUT/train and OUT/heldout.
//
//   node training/corpus/build.mjs --clones DIR --out DIR
//
// DIR holds one clone (bare or not) per manifest row, in a folder named owner+name. Deterministic: commits are pinned by
// manifest.tsv, files are visited in path order, and nothing depends on the clock. What was kept and dropped goes to OUT/statistics.json.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cleanSource, droppedByPath, languageOf } from './filters.mjs';
import { NearDuplicates } from './nearDuplicates.mjs';

const MAX_BYTES_PER_REPOSITORY_AND_LANGUAGE = 6_000_000;
const MAX_FILE_BYTES = 100_000;

const { values } = parseArgs({ options: { clones: { type: 'string' }, out: { type: 'string' } } });
if (!values.clones || !values.out) {
  console.error('corpus: expected --clones DIR and --out DIR');
  process.exit(2);
}
rmSync(values.out, { recursive: true, force: true });

const manifest = readManifest(path.join(import.meta.dirname, 'manifest.tsv'));
const duplicates = new NearDuplicates();
const statistics = [];
// Held-out repositories go first, so that a copy of one of their files is dropped from training and not the other way round.
for (const row of [...manifest].sort((a, b) => a.part.localeCompare(b.part))) statistics.push(extract(row));
writeFileSync(path.join(values.out, 'statistics.json'), `${JSON.stringify(statistics, null, 1)}\n`);
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
  const dropped = {};
  const drop = (reason) => {
    dropped[reason] = (dropped[reason] ?? 0) + 1;
  };
  const bytesByLanguage = {};
  let files = 0;
  let bytes = 0;
  const candidates = listFiles(git, commit).filter(({ name, size }) => {
    if (!languageOf(name)) return false;
    const reason = droppedByPath(name, leftOut) ?? (size > MAX_FILE_BYTES ? 'too large' : undefined);
    if (reason) drop(reason);
    return !reason;
  });
  for (const [index, content] of readBlobs(git, candidates).entries()) {
    const { name } = candidates[index];
    const language = languageOf(name);
    if ((bytesByLanguage[language] ?? 0) > MAX_BYTES_PER_REPOSITORY_AND_LANGUAGE) {
      drop('repository cap');
      continue;
    }
    const cleaned = cleanSource(content, language);
    if (cleaned.reason) {
      drop(cleaned.reason);
      continue;
    }
    if (!duplicates.admit(cleaned.text)) {
      drop('duplicate');
      continue;
    }
    // A held-out file is measured as it lies in its repository, license header and all.
    const kept = part === 'heldout' ? content : Buffer.from(cleaned.text);
    const target = path.join(values.out, part, folder, name);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, kept);
    const size = kept.length;
    bytesByLanguage[language] = (bytesByLanguage[language] ?? 0) + size;
    files++;
    bytes += size;
  }
  console.error(`${part} ${repository}: ${files} files, ${(bytes / 1e6).toFixed(2)} MB`);
  return { part, repository, commit, license, files, bytes, bytesByLanguage, dropped };
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
    .sort((a, b) => (a.name < b.name ? -1 : 1));
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
