// A model that knows some texts by heart, as its codec cuts them, and continues whichever of them the text before the cursor
// agrees with longest; of several such, the first is the likeliest, each after it a third as likely as the one before. Where a text goes on inside a symbol it knows nothing, which is what healing is for.
import { bpeCodec } from '../../../src/codecs/bpe.ts';
import { trainBpe } from '../../../src/codecs/bpeTrainer.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { type TextCodec, utf8 } from '../../../src/codecs/text.ts';
import { Completer, type CompleterOptions, type CompletionRequest } from '../../../src/completion/completer.ts';
import { modelOf } from '../engine/plainModels.ts';

const sure = 0.9;

const sampleCode = `
export function total(items: Item[]): number {
  let sum = 0;
  for (const item of items) {
    sum += item.price;
  }
  return sum;
}

class Basket {
    constructor(private readonly items: Item[]) {}
    print() {
        console.log(total(this.items));
        console.log("done");
    }
}
def total(items):
    return sum(item.price for item in items)
const x = console.log;
const y = foo(bar, [1, 2, 3]);
`;

export const codecs: readonly TextCodec[] = [
  bytesCodec(),
  bpeCodec(trainBpe([sampleCode.repeat(4)], { vocabularySize: 480, minCount: 2 })),
];

/** `scripts`: whole texts, each known to its end. */
export function scriptedModel(
  codec: TextCodec,
  scripts: readonly string[],
  { contextLength = 512, beforeStep = (_: number): void => {}, make = modelOf } = {},
) {
  const known = scripts.map((script) => {
    const symbols = codec.encodeText(script);
    const boundaries = new Map<number, number>(); // byte offset -> symbol that begins there
    let at = 0;
    for (const symbol of symbols) {
      boundaries.set(at, symbol);
      at += codec.symbolBytes(symbol).length;
    }
    boundaries.set(at, codec.specials.end);
    return { bytes: utf8(script), boundaries };
  });
  const { size } = codec.vocabulary;
  return make(
    codec.vocabulary,
    contextLength,
    (history, row) => {
      const shown = history.slice(history.lastIndexOf(codec.specials.prefix ?? -1) + 1);
      const text = codec.decode(Int32Array.from(shown));
      let longest = 0;
      let next = new Set<number>();
      for (const { bytes, boundaries } of known) {
        for (let end = 1; end <= bytes.length; end++) {
          const length = commonSuffix(text, bytes, end);
          if (length > longest) next = new Set();
          longest = Math.max(longest, length);
          const symbol = boundaries.get(end);
          if (length > 0 && length === longest && symbol !== undefined) next.add(symbol);
        }
      }
      if (longest === 0 && known[0]) next.add(known[0].boundaries.get(0)!);
      const rest = next.size === 0 ? 1 / size : (1 - sure) / (size - next.size);
      row.fill(Math.log(rest));
      const weights = Array.from(next, (_, i) => 3 ** -i);
      const sum = weights.reduce((a, b) => a + b, 0);
      for (const [i, symbol] of [...next].entries()) row[symbol] = Math.log((sure * weights[i]!) / sum);
    },
    beforeStep,
  );
}

function commonSuffix(text: Uint8Array, script: Uint8Array, end: number): number {
  let length = 0;
  while (length < end && length < text.length && text[text.length - 1 - length] === script[end - 1 - length])
    length += 1;
  return length;
}

export const request: Omit<CompletionRequest, 'before' | 'after'> = {
  document: 'file:///a.ts',
  path: 'src/a.ts',
  languageId: 'typescript',
  maxSymbols: 100,
  multiline: 'auto',
  deadlineMs: 1000,
};

/** `let x = |;` to its two sides. */
export function atCursor(text: string): { before: string; after: string } {
  const at = text.indexOf('|');
  return { before: text.slice(0, at), after: text.slice(at + 1) };
}

export interface Setting extends Partial<Omit<CompletionRequest, 'before' | 'after'>> {
  readonly options?: Partial<CompleterOptions>;
  readonly contextLength?: number;
}

/**
 * What a completer makes of a model that says `says` at the cursor: the text with the suggestion in brackets,
 * `let x = [1;]`, or the reason for none.
 */
export async function completed(codec: TextCodec, text: string, says: string, setting: Setting = {}): Promise<string> {
  const { options = {}, contextLength = 512, ...fields } = setting;
  const { before, after } = atCursor(text);
  const model = scriptedModel(codec, [before.replaceAll('\r\n', '\n') + says], { contextLength });
  const completer = new Completer({ model, codec }, { clock: stoppedClock, ...options });
  try {
    const result = await completer.complete({ ...request, ...fields, before, after });
    return result.kind === 'nothing' ? result.reason : `${before}[${result.text}]${after}`;
  } finally {
    completer.dispose();
    model.dispose();
  }
}

export const stoppedClock = { now: () => 0, after: () => () => {} };
