// Which model folder on this machine is the one that a compressed file names by its hash: the shipped one, those that the extension trained
// here, and those below folders that a person names.
import { readdir, readFile, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { UserError } from '../base/errors.ts';
import { modelFileName, parseModelDescription } from '../formats/modelDescription.ts';
import { modelIdentity } from '../likelihood/compressedHeader.ts';

const mostFolders = 1000;
const maxDescriptionBytes = 2 ** 20;

/** A folder of models, or one model; the first that fits. @throws UserError when none does. */
export async function findModel(identity: string, weights: string, places: readonly string[]): Promise<string> {
  for (const place of places) {
    const names = await readdir(place).catch(() => []);
    for (const dir of [
      place,
      ...names
        .sort()
        .slice(0, mostFolders)
        .map((name) => path.join(place, name)),
    ]) {
      if ((await identityOf(dir, weights)) === identity) return dir;
    }
  }
  throw new UserError(
    `expected the model that it was written with, ${identity}, got none such in ${places.join(', ')}; ` +
      'name it by --model DIR, or a folder of models by --models DIR',
  );
}

/** Undefined when there is no model, or none that can be read. */
async function identityOf(dir: string, weights: string): Promise<string | undefined> {
  const file = path.join(dir, modelFileName);
  try {
    if ((await stat(file)).size > maxDescriptionBytes) return undefined;
    return modelIdentity(parseModelDescription(await readFile(file, 'utf8'), file), weights);
  } catch {
    return undefined; // Nobody asked for this one.
  }
}

/** What is asked when nobody names a place: the models beside dist/, then those in the storage of an editor's extension. */
export function usualPlaces(script: string, machine: Machine = thisMachine()): string[] {
  return [path.join(path.dirname(path.dirname(script)), 'models'), ...storagePlaces(machine)];
}

export interface Machine {
  readonly platform: string;
  readonly home: string;
  /** %APPDATA% of Windows. */
  readonly appData?: string | undefined;
}

function thisMachine(): Machine {
  return { platform: process.platform, home: os.homedir(), appData: process.env['APPDATA'] };
}

const editors = ['Code', 'Code - Insiders', 'VSCodium'];
const servers = ['.vscode-server', '.vscode-server-insiders', '.vscodium-server'];
/** The id of the extension, and its folder there. */
const storage = ['User', 'globalStorage', 'chainrule.chainrule', 'models'];

function storagePlaces({ platform, home, appData }: Machine): string[] {
  const parent =
    platform === 'win32'
      ? (appData ?? path.join(home, 'AppData', 'Roaming'))
      : platform === 'darwin'
        ? path.join(home, 'Library', 'Application Support')
        : path.join(home, '.config');
  return [
    ...editors.map((name) => path.join(parent, name, ...storage)),
    ...servers.map((name) => path.join(home, name, 'data', ...storage)),
  ];
}
