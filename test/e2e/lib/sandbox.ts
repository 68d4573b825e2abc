// A place for one editor under test: its own home, profile, extensions and workspace, in a temporary folder that goes away.
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export type Settings = Readonly<Record<string, unknown>>;

/** Silence: no telemetry, updates, tips, trust questions or other suggestions. */
const quiet: Settings = {
  'chat.disableAIFeatures': true,
  'editor.accessibilitySupport': 'off',
  'editor.cursorBlinking': 'solid',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'files.hotExit': 'off',
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'typescript.disableAutomaticTypeAcquisition': true,
  'typescript.tsserver.useSyntaxServer': 'never',
  'update.mode': 'none',
  'update.showReleaseNotes': false,
  'window.restoreWindows': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.settings.enableNaturalLanguageSearch': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
};

/** The editor's typing aids off, so that the text is exactly what was typed. */
export const literalTyping: Settings = {
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'keep',
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.suggestOnTriggerCharacters': false,
  'editor.wordBasedSuggestions': 'off',
};

/** Brackets and quotes are closed as they are typed, which is how the editor comes: for a language, `{ '[python]': closingPairs }`. */
export const closingPairs: Settings = {
  'editor.autoClosingBrackets': 'languageDefined',
  'editor.autoClosingQuotes': 'languageDefined',
};

const machineSettings = /^chainrule\.(model|engine|training)\./;

export interface Sandbox {
  readonly folder: string;
  readonly home: string;
  readonly profile: string;
  readonly extensions: string;
  readonly workspace: string;
  readonly serverConfig: string;
  /** Writes or replaces a file of the workspace, and returns its path. */
  write(name: string, contents: string | Uint8Array): string;
  /** The file as it is on disk; '' when there is none. */
  read(name: string): string;
  /** Replaces the user settings; a running editor takes them up by itself. */
  configure(settings: Settings): void;
  /** Deletes everything. */
  remove(): void;
}

export interface SandboxOptions {
  /** Beside the quiet ones. */
  readonly settings?: Settings;
  /** A folder with installed extensions, to share; default: an empty one. */
  readonly extensions?: string;
  /** One that is kept, with its settings, from one start to the next; default: a temporary folder. */
  readonly folder?: string;
}

export function createSandbox({ settings = {}, extensions, folder }: SandboxOptions = {}): Sandbox {
  const place = realpathSync(madeFolder(folder));
  const sandbox = {
    folder: place,
    home: path.join(place, 'home'),
    profile: path.join(place, 'profile'),
    extensions: extensions ?? path.join(place, 'extensions'),
    workspace: path.join(place, 'workspace'),
    serverConfig: path.join(place, 'server.yaml'),
  };
  const settingsFile = path.join(sandbox.profile, 'User', 'settings.json');
  // A window on a server, as here, takes settings of scope "machine" from the server's own file.
  const machineFile = path.join(sandbox.profile, 'Machine', 'settings.json');
  const { home, workspace } = sandbox;
  for (const needed of [home, workspace, sandbox.extensions, path.dirname(settingsFile), path.dirname(machineFile)])
    mkdirSync(needed, { recursive: true });
  writeFileSync(sandbox.serverConfig, 'auth: none\n');

  const configure = (wanted: Settings) => {
    const write = (file: string, values: Settings) => writeFileSync(file, `${JSON.stringify(values, null, 2)}\n`);
    const ofMachine = Object.entries(wanted).filter(([name]) => machineSettings.test(name));
    write(settingsFile, { ...quiet, ...wanted });
    write(machineFile, Object.fromEntries(ofMachine));
  };
  if (!existsSync(settingsFile)) configure(settings);
  return {
    ...sandbox,
    configure,
    write(name, contents) {
      const file = path.join(workspace, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, contents);
      return file;
    },
    read(name) {
      const file = path.join(workspace, name);
      return existsSync(file) ? readFileSync(file, 'utf8') : '';
    },
    remove() {
      rmSync(place, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function madeFolder(folder: string | undefined): string {
  if (folder === undefined) return mkdtempSync(path.join(tmpdir(), 'chainrule-e2e-'));
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Copies a folder into the workspace. */
export function fillWorkspace(sandbox: Sandbox, from: string): void {
  cpSync(from, sandbox.workspace, { recursive: true });
}
