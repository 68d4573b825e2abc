// As much of an editor as shows likelihoods: documents of lines, editors that remember their decorations, events, and a count of everything that
// must be disposed of.

export class FakeEvent<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #alive: Map<string, number>;
  readonly #name: string;

  constructor(alive: Map<string, number>, name: string) {
    this.#alive = alive;
    this.#name = name;
  }

  readonly on = (listener: (value: T) => void) => {
    this.#listeners.add(listener);
    return counted(this.#alive, this.#name, () => this.#listeners.delete(listener));
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }
}

export function counted<T extends object>(alive: Map<string, number>, name: string, dispose: () => void, more?: T) {
  alive.set(name, (alive.get(name) ?? 0) + 1);
  let living = true;
  return Object.assign(more ?? ({} as T), {
    dispose: () => {
      if (living) alive.set(name, alive.get(name)! - 1);
      living = false;
      dispose();
    },
  });
}

export interface FakePlace {
  readonly line: number;
  readonly character: number;
}

/** As the editor's: a document takes no other places. */
class Position implements FakePlace {
  readonly line: number;
  readonly character: number;
  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
}

export class FakeDocument {
  readonly uri: { readonly scheme: string; readonly path: string; toString(): string };
  languageId = 'typescript';
  version = 1;
  isClosed = false;
  readonly eol = 1;
  text: string;

  constructor(path: string, text: string, scheme = 'file') {
    this.uri = { scheme, path, toString: () => `${scheme}://${path}` };
    this.text = text;
  }

  get isUntitled(): boolean {
    return this.uri.scheme === 'untitled';
  }

  get lineCount(): number {
    return this.text.split('\n').length;
  }

  lineAt(line: number) {
    const character = this.text.split('\n')[line]!.length;
    return { range: { start: new Position(line, 0), end: new Position(line, character) } };
  }

  offsetAt(place: FakePlace): number {
    if (!(place instanceof Position)) throw new Error('Invalid argument');
    const { line, character } = place;
    const lines = this.text.split('\n');
    return (
      lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + Math.min(character, lines[line]!.length)
    );
  }

  positionAt(offset: number): FakePlace {
    const before = this.text.slice(0, offset).split('\n');
    return new Position(before.length - 1, before.at(-1)!.length);
  }

  getText(range?: { start: FakePlace; end: FakePlace }): string {
    return range ? this.text.slice(this.offsetAt(range.start), this.offsetAt(range.end)) : this.text;
  }
}

type Edited = (document: FakeDocument, start: number, end: number, text: string) => void;

export class FakeTextEditor {
  readonly document: FakeDocument;
  selection: { start: FakePlace; end: FakePlace; active: FakePlace; isEmpty: boolean };
  /** Ranges by decoration type. */
  readonly decorations = new Map<object, readonly unknown[]>();
  /** What is above is not seen. */
  firstLine = 0;
  readonly #edited: Edited;

  constructor(document: FakeDocument, edited: Edited = () => undefined) {
    this.document = document;
    const begin = new Position(0, 0);
    this.selection = { start: begin, end: begin, active: begin, isEmpty: true };
    this.#edited = edited;
  }

  get visibleRanges() {
    const last = this.document.lineCount - 1;
    return [{ start: new Position(Math.min(last, this.firstLine), 0), end: this.document.lineAt(last).range.end }];
  }

  setDecorations(type: object, ranges: readonly unknown[]): void {
    this.decorations.set(type, ranges);
  }

  async edit(act: (builder: { replace(range: { start: FakePlace; end: FakePlace }, text: string): void }) => void) {
    act({
      replace: ({ start, end }, text) =>
        this.#edited(this.document, this.document.offsetAt(start), this.document.offsetAt(end), text),
    });
    return true;
  }

  get numPainted(): number {
    return [...this.decorations.values()].reduce((sum, ranges) => sum + ranges.length, 0);
  }
}

/** The names of `vscode` that are used, and what a test does to them. */
export function fakeEditor() {
  const alive = new Map<string, number>();
  const event = <T>(name: string) => new FakeEvent<T>(alive, name);
  const events = {
    changed: event<object>('changed'),
    closed: event<FakeDocument>('closed'),
    configuration: event<object>('configuration'),
    visibleRanges: event<object>('visibleRanges'),
    visibleEditors: event<object>('visibleEditors'),
    activeEditor: event<object | undefined>('activeEditor'),
    theme: event<object>('theme'),
  };
  const commands = new Map<string, (...args: unknown[]) => unknown>();
  const messages: string[] = [];
  const state: {
    front: FakeTextEditor | undefined;
    editors: FakeTextEditor[];
    theme: number;
    hover: { provideHover(...args: unknown[]): Promise<{ contents: { value: string } } | undefined> } | undefined;
  } = { front: undefined, editors: [], theme: 2, hover: undefined };
  class Range {
    readonly start: FakePlace;
    readonly end: FakePlace;
    constructor(start: FakePlace, end: FakePlace) {
      this.start = start;
      this.end = end;
    }
  }
  const tell = async (text: string) => void messages.push(text);
  const stub = {
    Position,
    window: {
      get activeTextEditor() {
        return state.front;
      },
      get visibleTextEditors() {
        return state.editors;
      },
      get activeColorTheme() {
        return { kind: state.theme };
      },
      createTextEditorDecorationType: (options: object) => {
        const type = counted(
          alive,
          'decoration type',
          () => {
            for (const editor of state.editors) editor.decorations.delete(type);
          },
          { options },
        );
        return type;
      },
      createStatusBarItem: () =>
        counted(alive, 'status item', () => undefined, { show: () => undefined, hide: () => undefined }),
      onDidChangeTextEditorVisibleRanges: events.visibleRanges.on,
      onDidChangeVisibleTextEditors: events.visibleEditors.on,
      onDidChangeActiveTextEditor: events.activeEditor.on,
      onDidChangeActiveColorTheme: events.theme.on,
      showInformationMessage: tell,
      showWarningMessage: tell,
      showErrorMessage: tell,
      withProgress: (_: object, work: () => unknown) => work(),
    },
    workspace: {
      onDidChangeTextDocument: events.changed.on,
      onDidCloseTextDocument: events.closed.on,
      onDidChangeConfiguration: events.configuration.on,
      getConfiguration: () => ({ get: () => undefined }),
      asRelativePath: (uri: { path: string }) => uri.path,
    },
    languages: {
      registerHoverProvider: (_: string, provider: NonNullable<(typeof state)['hover']>) => {
        state.hover = provider;
        return counted(alive, 'hover provider', () => {
          state.hover = undefined;
        });
      },
    },
    commands: {
      registerCommand: (id: string, run: (...args: unknown[]) => unknown) => {
        commands.set(id, run);
        return counted(alive, 'command', () => commands.delete(id));
      },
    },
    ColorThemeKind: { Light: 1, Dark: 2, HighContrast: 3, HighContrastLight: 4 },
    DecorationRangeBehavior: { ClosedClosed: 1 },
    OverviewRulerLane: { Center: 2 },
    StatusBarAlignment: { Right: 2 },
    ProgressLocation: { Window: 10 },
    EndOfLine: { LF: 1, CRLF: 2 },
    ThemeColor: class {},
    MarkdownString: class {
      readonly value: string;
      constructor(value: string) {
        this.value = value;
      }
    },
    Hover: class {
      readonly contents: object;
      constructor(contents: object) {
        this.contents = contents;
      }
    },
    Range,
    Selection: Range,
  };
  return {
    ...{ stub, state, events, commands, messages },
    /** What was not disposed of. */
    alive: () => Object.fromEntries([...alive].filter(([, count]) => count > 0)),
    replace(document: FakeDocument, start: number, end: number, text: string) {
      document.text = document.text.slice(0, start) + text + document.text.slice(end);
      document.version += 1;
      const contentChanges = [{ rangeOffset: start, rangeLength: end - start, text }];
      events.changed.fire({ document, contentChanges });
    },
    open(document: FakeDocument): FakeTextEditor {
      const editor = new FakeTextEditor(document, (...args) => this.replace(...args));
      state.editors.push(editor);
      state.front = editor;
      return editor;
    },
    close(document: FakeDocument) {
      document.isClosed = true;
      state.editors = state.editors.filter((editor) => editor.document !== document);
      events.closed.fire(document);
    },
  };
}
