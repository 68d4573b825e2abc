// Files that no training run read: repository by repository, with their languages. One in eight, by a hash of its name, is put aside to
// fit the weights of copies on, and evaluated by nobody.
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { UserError } from '../../src/base/errors.ts';

export interface HeldOutFile {
  readonly repository: string;
  /** Within the repository, with forward slashes: what a model is told. */
  readonly path: string;
  readonly language: string;
  /** Where it lies. */
  readonly file: string;
  readonly forFitting: boolean;
}

const extensionsOf: Readonly<Record<string, string>> = {
  TypeScript: 'ts tsx mts cts',
  JavaScript: 'js jsx mjs cjs',
  Python: 'py pyi',
  Go: 'go',
  Rust: 'rs',
  Java: 'java',
  C: 'c h',
  'C++': 'cc cpp cxx hpp hh',
  'C#': 'cs',
  shell: 'sh bash zsh',
  HTML: 'html',
  CSS: 'css scss less',
  JSON: 'json jsonc',
  YAML: 'yaml yml',
  TOML: 'toml',
  SQL: 'sql',
  Markdown: 'md mdx rst',
  Vue: 'vue',
  Svelte: 'svelte',
};
const languages = new Map(
  Object.entries(extensionsOf).flatMap(([language, list]) => list.split(' ').map((name) => [name, language] as const)),
);
const shareForFitting = 1 / 8;
const maxFileBytes = 1 << 20;

/** Undefined for what is no source text. */
export function languageOf(name: string): string | undefined {
  return languages.get(path.extname(name).slice(1).toLowerCase());
}

/** Sorted. @throws UserError when there are none. */
export function readHeldOut(folder: string): HeldOutFile[] {
  if (!existsSync(folder)) {
    throw new UserError(
      `expected a folder of held-out repositories, got ${folder}; training/README.md tells how to make one`,
    );
  }
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.flatMap((name): HeldOutFile[] => {
    const file = path.join(folder, name);
    const [repository = '', ...parts] = name.split(path.sep);
    const language = languageOf(name);
    if (language === undefined || parts.length === 0) return [];
    const stats = lstatSync(file);
    if (!stats.isFile() || stats.size === 0 || stats.size > maxFileBytes) return [];
    const told = parts.join('/');
    return [{ repository, path: told, language, file, forFitting: isForFitting(`${repository}/${told}`) }];
  });
  if (files.length > 0) return files;
  throw new UserError(`${folder}: expected source files in a folder for each repository, got none`);
}

/** The same at every place and in every order. */
export function isForFitting(name: string): boolean {
  return createHash('sha256').update(name).digest()[0]! < 256 * shareForFitting;
}

export function textOf({ file }: HeldOutFile): string {
  return readFileSync(file, 'utf8');
}

/** Each Nth, and at most so many. */
export function chosen<T>(
  all: readonly T[],
  { every, limit }: { readonly every: number; readonly limit: number },
): T[] {
  return all.filter((_, i) => i % every === 0).slice(0, limit);
}
