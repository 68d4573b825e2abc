// Texts that break codecs, and a small BPE trained on code, shared by the tests of codecs and formats.
import { type BpeCodec, bpeCodec } from '../../../src/codecs/bpe.ts';
import type { BpeDescription } from '../../../src/codecs/bpeDescription.ts';
import { trainBpe } from '../../../src/codecs/bpeTrainer.ts';
import { bytesCodec } from '../../../src/codecs/bytes.ts';
import { CharacterCounter, charactersCodec } from '../../../src/codecs/characters.ts';
import type { TextCodec } from '../../../src/codecs/text.ts';

export const codeSamples: Readonly<Record<string, string>> = {
  typescript: `export async function readLines(path: string, { signal }: ReadOptions = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(path), signal })) {
    if (line.trim() === '') continue;
    lines.push(line.replace(/\\s+$/u, ''));
  }
  return lines.length > 0 ? lines : [];
}

export class LineReader extends EventEmitter {
  readonly #path: string;
  constructor(path: string) {
    super();
    this.#path = path;
  }
  async readAll(): Promise<void> {
    const lines = await readLines(this.#path);
    for (const line of lines) this.emit('line', line);
    this.emit('end', { count: lines.length, total: 1024 * 65_536 });
  }
}
`,
  python: `class HTTPServer:
    """Serves one request at a time."""

    def __init__(self, host="localhost", port=8080, *, max_body=10_000):
        self.host = host
        self.port = port
        self._max_body = max_body

    def handle_request(self, request):
        if len(request.body) > self._max_body:
            raise ValueError(f"body of {len(request.body)} bytes, at most {self._max_body}")
        return {key.lower(): value for key, value in request.headers.items()}
`,
  go: 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfor i := 0; i < 10; i++ {\n\t\tif i%2 == 0 {\n\t\t\tfmt.Println("even", i)\n\t\t}\n\t}\n}\n',
  rust: 'impl<T: Clone> Stack<T> {\n    pub fn pop(&mut self) -> Option<T> {\n        self.items.pop()\n    }\n\n    pub fn is_empty(&self) -> bool {\n        self.items.is_empty()\n    }\n}\n',
  markdown:
    '# Title\n\n* A list item with `code`, **bold** and a [link](https://example.org/a?b=c#d).\n* Another.\n\n\n    indented\n',
  json: '{\n  "name": "sample",\n  "version": "1.0.0",\n  "values": [1, 2.5, -3e10, true, null],\n  "text": "\\u00e9\\n"\n}\n',
};

export const awkwardStrings: Readonly<Record<string, string>> = {
  empty: '',
  'one space': ' ',
  blanks: ' \t  \t\t   x\t y  \t',
  'carriage returns and line feeds': 'a\r\n\r\n  b\rc\n\r\n\td',
  'only line ends': '\n\n\n\r\n\n',
  'blanks before line ends': 'x = 1;   \n   \n\ty',
  NUL: 'a\0b\0\0',
  'control characters': '\x01\x02\x1b[31m\x7f\x80\x85\x9f',
  'a byte order mark': '\ufeffusing System;\ufeff',
  'lone surrogates': 'a\ud800b\udfffc\udc00\ud83d',
  emoji: '👩‍👩‍👧‍👦🏳️‍🌈👍🏽 ok 🇫🇮',
  'combining marks': 'e\u0301E\u0301 q\u0307\u0323 \u0301\u0301 น้ำ क्षि',
  'right to left': 'שלום עולם مرحبا\u200f بالعالم ١٢٣',
  'wide characters': '日本語のテキスト、漢字 ｆｕｌｌ',
  'other white space': 'a\u00a0b\u2028c\u2029d\u3000e\u200bf\v\f',
  'astral letters': '𝒳𝓎 𐐀𐐨 𠮷',
  'names of special symbols': '<|start|>a<|end|><|file|> <|prefix|><|suffix|><|middle|><|reserved0|>',
  'camelCase and snake_case': 'getHTTPResponseCode XMLHttpRequest __init__ _a_b MAX_VALUE aB ABc ABC1d ÉcoleÉté ǅungla',
  digits: '3.14159 0xFF 1_000_000 ½ Ⅷ ²',
  punctuation: '!==?.(){}[]<=>>>=&&||??=// /* */ \'"`...;;',
  'a long word': 'a'.repeat(200),
  'long blanks': `${' '.repeat(300)}x${'\t'.repeat(200)}\n${' '.repeat(300)}`,
  prototypes: '__proto__ constructor toString hasOwnProperty',
};

export const awkwardBytes: Readonly<Record<string, readonly number[]>> = {
  'every byte': Array.from({ length: 256 }, (_, byte) => byte),
  'a lone continuation byte': [0x61, 0x80, 0x62],
  'a character cut off': [0x61, 0xf0, 0x9f, 0x98],
  'an overlong slash': [0xc0, 0xaf, 0xe0, 0x80, 0xaf],
  'an encoded surrogate': [0xed, 0xa0, 0x80, 0xed, 0xbf, 0xbf],
  'beyond Unicode': [0xf4, 0x90, 0x80, 0x80, 0xf5, 0xff, 0xfe],
  'UTF-16': [0xff, 0xfe, 0x61, 0x00, 0x62, 0x00],
  'valid around invalid': [0xc3, 0xa9, 0xff, 0xc3, 0xa9, 0xc3],
};

export const smallBpe: BpeDescription = trainBpe(Object.values(codeSamples), { vocabularySize: 600 });

export const smallBpeCodec: BpeCodec = bpeCodec(smallBpe);

export const everyCodec: readonly TextCodec[] = [
  bytesCodec(),
  charactersCodec(alphabetOf(Object.values(codeSamples), 64)),
  charactersCodec([]),
  charactersCodec(['é', '日', '👍', '\n']),
  smallBpeCodec,
];

export function alphabetOf(texts: readonly string[], maxSize: number): string[] {
  const counter = new CharacterCounter();
  for (const text of texts) counter.add(text);
  return counter.alphabet({ maxSize });
}
