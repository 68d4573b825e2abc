// The map in src/README.md is true: every import, `import type` included, is one that the table there allows, and what belongs
// to one room stays in it. Repair: move the code to the room it belongs to; to widen a row is to change the design.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const maxLines = 500;
/** Modules that only some rooms may import, at compile time or at run time. */
const homes: Readonly<Record<string, readonly string[]>> = {
  vscode: ['shell', 'extension'],
  'onnxruntime-node': ['runtime'],
  'onnxruntime-web': ['runtime'],
  'onnxruntime-common': ['runtime'],
  koffi: ['runtime'],
};
const barrels = ['models/registry.ts'];

interface Source {
  /** Relative to src, with forward slashes. */
  readonly file: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const allowed = readMap(readFileSync('src/README.md', 'utf8'));
const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .map((name) => name.replaceAll(path.sep, '/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.endsWith('.as.ts'))
  .sort()
  .map((file): Source => {
    const text = readFileSync(path.join('src', file), 'utf8');
    return { file, room: roomOf(file), text, imports: importsOf(text) };
  });

/** `src/host.ts` and `src/host/` are one room. */
function roomOf(file: string): string {
  return file.split('/')[0]!.replace(/\.ts$/, '');
}

/** Rows of `| room | may import |`. */
function readMap(guide: string): Map<string, Set<string>> {
  const [, table = ''] = guide.split(/^\| room \| may import \|\n\| --- \| --- \|\n/m);
  const rows = table.split('\n\n')[0]!.split('\n');
  return new Map(
    rows.filter(Boolean).map((row) => {
      const [, room = '', others = ''] = row.split('|').map((cell) => cell.trim());
      return [room, new Set(others.split(' ').filter(Boolean))];
    }),
  );
}

/** Every module named in an import, export, dynamic import, import type or require. */
function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const patterns = [
    /\b(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/g,
    /\bimport\s*['"]([^'"]+)['"]/g,
    /\b(?:import|require|resolve)\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  return patterns.flatMap((pattern) => [...code.matchAll(pattern)].map((match) => match[1]!));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[\s;{}(,])\/\/.*$/gm, '$1');
}

function complain(violations: string[]): void {
  assert.deepEqual(violations, []);
}

test('the reader sees imports of every form', () => {
  const text = `import a from 'a'; import type { B } from "b";\nimport {\n  c,\n} from './c.ts';\nimport 'd';\nexport * from 'e';
    type F = import('f').F; const g = await import('g'); const h = require('h'); // import x from 'no';\n/* from 'no' */`;
  assert.deepEqual(importsOf(text).sort(), ['./c.ts', 'a', 'b', 'd', 'e', 'f', 'g', 'h']);
});

test('the map names every room, and no room that it does not know', () => {
  assert.ok(allowed.size > 15, 'src/README.md has no table `| room | may import |`');
  complain([...new Set(sources.map(({ room }) => room))].filter((room) => !allowed.has(room)));
  for (const [room, others] of allowed) {
    complain(
      [...others]
        .filter((other) => !allowed.has(other))
        .map((other) => `${room} may import ${other}, which is no room`),
    );
  }
});

test('the map has no cycle', () => {
  const visit = (room: string, trail: readonly string[]): void => {
    assert.ok(!trail.includes(room), `cycle: ${[...trail, room].join(' -> ')}`);
    for (const other of allowed.get(room) ?? []) visit(other, [...trail, room]);
  };
  for (const room of allowed.keys()) visit(room, []);
});

test('every import is one that the map allows', () => {
  complain(
    sources.flatMap(({ file, room, imports }) =>
      imports
        .filter((module) => module.startsWith('.'))
        .map((module) => path.posix.join(path.posix.dirname(file), module))
        .filter(
          (target) => target.startsWith('..') || (roomOf(target) !== room && !allowed.get(room)?.has(roomOf(target))),
        )
        .map(
          (target) => `src/${file} imports ${target}; ${room} may import ${[...(allowed.get(room) ?? [])].join(', ')}`,
        ),
    ),
  );
});

test('what belongs to one room stays there', () => {
  complain(
    sources.flatMap(({ file, room, imports }) =>
      imports
        .filter((module) => Object.hasOwn(homes, module) && !homes[module]!.includes(room))
        .map((module) => `src/${file} imports ${module}, at home in ${homes[module]!.join(' and ')}`),
    ),
  );
});

test('randomness is seeded', () => {
  complain(sources.filter(({ text }) => withoutComments(text).includes('Math.random')).map(({ file }) => file));
});

test(`no file is longer than ${maxLines} lines`, () => {
  complain(
    sources
      .map(({ file, text }) => ({ file, numLines: text.split('\n').length - 1 }))
      .filter(({ numLines }) => numLines > maxLines)
      .map(({ file, numLines }) => `src/${file} has ${numLines} lines: split it by idea`),
  );
});

test('no file only passes on what others export', () => {
  const isBarrel = (text: string) => {
    const code = withoutComments(text).trim();
    return (
      code !== '' &&
      code.replace(/export\s+(?:type\s+)?(?:\*[^;]*?|\{[^}]*\})\s*from\s*['"][^'"]+['"];?/g, '').trim() === ''
    );
  };
  complain(sources.filter(({ file, text }) => !barrels.includes(file) && isBarrel(text)).map(({ file }) => file));
});

test('no room is named for what it is not', () => {
  complain(
    sources
      .map(({ file }) => file)
      .filter((file) => /(^|\/)(utils?|helpers?|common|services?|managers?)(\/|\.)/i.test(file)),
  );
});
