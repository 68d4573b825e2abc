// Encodes a text line by line and remembers the lines, so that what is asked for at each keystroke costs what changed. A text is cut before
// each line end that follows something else than blanks: no pretoken of our own codecs lies across it, so the symbols are those of the
// whole. Of a codec from elsewhere this is tried out; one that joins, say, `;` with the line end after it encodes the whole each time.
import { ownCopy } from '../codecs/pretokens.ts';
import type { TextCodec } from '../codecs/text.ts';

/** Lines remembered; twice as many at most. */
const generation = 8192;
const longestRemembered = 256;
const lineFeed = '\n';

export class LineMemo {
  readonly #codec: Pick<TextCodec, 'encodeText'>;
  readonly #cuts: boolean;
  #young = new Map<string, Int32Array>();
  #old = new Map<string, Int32Array>();
  #symbols = new Int32Array(1024);

  constructor(codec: Pick<TextCodec, 'encodeText'>) {
    this.#codec = codec;
    this.#cuts = cutsAtLineEnds(codec);
  }

  /** How many lines it remembers. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }

  encodeText(text: string): Int32Array {
    if (!this.#cuts) return this.#codec.encodeText(text);
    let length = 0;
    let begin = 0;
    while (begin < text.length) {
      const end = lineEndAfter(text, begin);
      const symbols = this.#symbolsOf(text.slice(begin, end));
      if (length + symbols.length > this.#symbols.length) this.#grow(symbols.length);
      for (let i = 0; i < symbols.length; i++) this.#symbols[length++] = symbols[i]!; // Short: faster than `set`.
      begin = end;
    }
    return this.#symbols.slice(0, length);
  }

  #symbolsOf(line: string): Int32Array {
    const remembered = this.#young.get(line);
    if (remembered !== undefined) return remembered;
    const symbols = this.#old.get(line) ?? this.#codec.encodeText(line);
    if (line.length > longestRemembered) return symbols;
    if (this.#young.size >= generation) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(ownCopy(line), symbols);
    return symbols;
  }

  #grow(by: number): void {
    const grown = new Int32Array(2 * this.#symbols.length + by);
    grown.set(this.#symbols);
    this.#symbols = grown;
  }
}

/** The next line end behind something else than blanks; the end of the text where there is none. */
function lineEndAfter(text: string, begin: number): number {
  for (let at = text.indexOf(lineFeed, begin + 1); at >= 0; at = text.indexOf(lineFeed, at + 1)) {
    if (at > begin && !isBlankUnit(text.charCodeAt(at - 1))) return at;
  }
  return text.length;
}

function isBlankUnit(unit: number): boolean {
  return unit === 0x20 || unit === 0x09 || unit === 0x0a || unit === 0x0d;
}

/** Whether nothing that can be typed is joined with a line end behind it. */
function cutsAtLineEnds(codec: Pick<TextCodec, 'encodeText'>): boolean {
  const typeable = [...Array.from({ length: 0x7f - 0x21 }, (_, i) => String.fromCharCode(0x21 + i)), 'é', '日'];
  return typeable.every((character) =>
    [lineFeed, '\n  x', '\n\n\tx'].every((rest) => {
      const line = `x ${character}${character}`;
      const cut = [...codec.encodeText(line), ...codec.encodeText(rest)];
      return cut.join() === codec.encodeText(line + rest).join();
    }),
  );
}
