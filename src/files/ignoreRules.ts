// gitignore rules as git applies them: a file in each folder, the nearest that says anything decides, and nothing below an
// ignored folder comes back. The rules of the folders above count too, up to the top of the repository, and those that a person
// has for every repository.
import os from 'node:os';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { type FileSystem, nodeFileSystem } from './fileSystem.ts';

/** Rules of one folder, and behind them those to ask when they say nothing. Paths are relative to the walked root. */
export interface IgnoreRules {
  readonly rules: Ignore;
  /** How a path becomes relative to the folder of the rules: cut so much off, put this before. */
  readonly cut: number;
  readonly prefix: string;
  readonly outer: IgnoreRules | undefined;
}

const ruleFile = '.gitignore';
/** Longer ones are passed over: the library makes each a regular expression, and throws when one is too large. */
const longestRule = 1000;
const largestRuleFileBytes = 1 << 20;
const mostFoldersAbove = 64;
/** As git is set up on each system. */
const options = { ignorecase: process.platform === 'win32' || process.platform === 'darwin' };

/** `relative` is below the walked root, with forward slashes. */
export function isIgnored(innermost: IgnoreRules | undefined, relative: string, isFolder: boolean): boolean {
  for (let level = innermost; level !== undefined; level = level.outer) {
    const name = `${level.prefix}${relative.slice(level.cut)}${isFolder ? '/' : ''}`;
    const { ignored, unignored } = level.rules.test(name);
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** The rules for what lies in a folder of the walk; `relative` is '' for the root. */
export async function rulesInFolder(
  root: string,
  relative: string,
  outer: IgnoreRules | undefined,
  files: FileSystem = nodeFileSystem,
): Promise<IgnoreRules | undefined> {
  const text = await readRules(path.join(root, relative, ruleFile), files);
  if (text === undefined) return outer;
  return { rules: ignore(options).add(text), cut: relative === '' ? 0 : relative.length + 1, prefix: '', outer };
}

/** The rules of the folders above the root, where it lies in a repository and is not itself ignored there. */
export async function rulesAbove(root: string, files: FileSystem = nodeFileSystem): Promise<IgnoreRules | undefined> {
  const above = await foldersUpToRepository(root, files);
  const top = above.at(-1);
  if (top === undefined) return undefined;
  let rules: IgnoreRules | undefined;
  const add = (folder: string, text: string | undefined) => {
    if (text === undefined) return;
    const below = path.relative(folder, root).split(path.sep).join('/');
    rules = { rules: ignore(options).add(text), cut: 0, prefix: below === '' ? '' : `${below}/`, outer: rules };
  };
  add(top, await readRules(await personalRuleFile(files), files));
  add(top, await readRules(path.join(await gitFolder(top, files), 'info', 'exclude'), files));
  for (const folder of above.toReversed()) {
    if (folder !== root) add(folder, await readRules(path.join(folder, ruleFile), files));
  }
  // A root that is ignored was opened all the same, so what ignores it does not count.
  return root !== top && isIgnored(rules, '', false) ? undefined : rules;
}

/** Globs as in the setting `files.exclude`, relative to the root: `**\/*.log`, `build`, `{a,b}/*.ts`. */
export function rulesFromGlobs(globs: readonly string[], outer?: IgnoreRules): IgnoreRules | undefined {
  if (globs.length === 0) return outer;
  const patterns = globs.flatMap(expandBraces).map((glob) => `/${glob.replace(/^\/+/, '')}`);
  return { rules: ignore(options).add(patterns), cut: 0, prefix: '', outer };
}

/** From the root up to the folder that has a `.git`; empty when there is none. */
async function foldersUpToRepository(root: string, files: FileSystem): Promise<string[]> {
  const folders: string[] = [];
  let folder = root;
  while (folders.length < mostFoldersAbove) {
    folders.push(folder);
    const size = await files.sizeBytes(path.join(folder, '.git')).catch(() => undefined);
    if (size !== undefined) return folders;
    const parent = path.dirname(folder);
    if (parent === folder) break;
    folder = parent;
  }
  return [];
}

/** What a person ignores in every repository: `core.excludesFile`, or where git looks without that. */
async function personalRuleFile(files: FileSystem): Promise<string> {
  const home = os.homedir();
  const folder = path.join(process.env['XDG_CONFIG_HOME'] || path.join(home, '.config'), 'git');
  let named: string | undefined;
  for (const file of [path.join(folder, 'config'), path.join(home, '.gitconfig')]) {
    const core = (await readText(file, files))?.split(/^\s*\[/m).filter((section) => /^core\s*\]/i.test(section));
    named = core?.map((section) => excludesFile.exec(section)?.[1]).findLast(Boolean) ?? named;
  }
  return named === undefined ? path.join(folder, 'ignore') : path.resolve(home, named.replace(/^~\//, ''));
}

const excludesFile = /^\s*excludesfile\s*=\s*"?([^"\r\n]*[^"\s])/im;

/** Of a worktree and a submodule `.git` is a file that says where it is; what all worktrees share lies in the common folder. */
async function gitFolder(top: string, files: FileSystem): Promise<string> {
  const folder = path.join(top, '.git');
  const elsewhere = /^gitdir:\s*(.*\S)/.exec((await readText(folder, files)) ?? '')?.[1];
  if (elsewhere === undefined) return folder;
  const own = path.resolve(top, elsewhere);
  const common = await readText(path.join(own, 'commondir'), files);
  return common === undefined ? own : path.resolve(own, common.trim());
}

async function readRules(file: string, files: FileSystem): Promise<string | undefined> {
  const lines = (await readText(file, files))?.split('\n');
  return lines?.filter((line) => line.length <= longestRule).join('\n');
}

async function readText(file: string, files: FileSystem): Promise<string | undefined> {
  const bytes = await files.read(file, largestRuleFileBytes).catch(() => undefined);
  return (
    bytes &&
    Buffer.from(bytes)
      .toString()
      .replace(/^\ufeff/, '')
  );
}

/** `a{b,c}` -> `ab`, `ac`; from the innermost outward. */
function expandBraces(glob: string): string[] {
  const match = /^(.*)\{([^{}]*)\}(.*)$/s.exec(glob);
  if (match === null) return [glob];
  const [, before = '', choices = '', after = ''] = match;
  return choices.split(',').flatMap((choice) => expandBraces(`${before}${choice}${after}`));
}
