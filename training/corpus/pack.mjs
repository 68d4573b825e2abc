// Turns the corpus into symbols, once, for a trainer that cannot wait for a tokenizer (training/rows.py reads them):
//
//   node training/corpus/pack.mjs --corpus DIR --tokenizer tokenizer.json --out DIR [--shard-symbols N] [--preset N]
//
// OUT/pack.json      vocabulary, marks, the bytes of each symbol, shards; OUT/PART-NN.xz  16-bit symbols, document after document,
// repository by repository, in the order of paths: header, then text; OUT/PART-NN.tsv.xz  a line for each document: repository, path,
// symbols of the header, symbols of the text. No repository is split, so that any shard may be missing. Held-out files are encoded byte
// for byte, as `chainrule bits` measures them. Needed: the program xz.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { load } from '../../scripts/load.mjs';

const formatVersion = 1;
const { values } = parseArgs({
  options: {
    corpus: { type: 'string' },
    tokenizer: { type: 'string' },
    out: { type: 'string' },
    'shard-symbols': { type: 'string', default: '32000000' },
    preset: { type: 'string', default: '6' },
  },
});
if (!values.corpus || !values.tokenizer || !values.out) {
  console.error('pack: expected --corpus DIR, --tokenizer FILE and --out DIR');
  process.exit(2);
}
const shardSymbols = Number(values['shard-symbols']);
if (!(shardSymbols >= 1)) throw new Error(`pack: expected a number of symbols, got ${values['shard-symbols']}`);

const { bpeCodec } = await load('src/codecs/bpe.ts');
const { headerSymbols } = await load('src/codecs/layout.ts');
const { lineEndings } = await load('src/train/corpus.ts');
const { parseTokenizerJson } = await load('src/formats/tokenizerJson.ts');

const tokenizerText = readFileSync(values.tokenizer, 'utf8');
const codec = bpeCodec(parseTokenizerJson(tokenizerText, values.tokenizer));
if (codec.vocabulary.size > 65536)
  throw new Error(`pack: expected at most 65536 symbols, got ${codec.vocabulary.size}`);
mkdirSync(values.out, { recursive: true });

function packPart(part) {
  let shard = new Shard(part, 0);
  let first = 0;
  for (const repository of readdirSync(path.join(values.corpus, part)).sort()) {
    if (shard.length >= shardSymbols) {
      shards.push(shard.write());
      shard = new Shard(part, ++first);
    }
    const root = path.join(values.corpus, part, repository);
    for (const name of filesBelow(root)) {
      const content = readFileSync(path.join(root, name));
      const text = part === 'heldout' ? codec.encode(content) : codec.encodeText(content.toString('utf8'));
      if (text.length > 0) shard.add(repository, name, headerSymbols(codec, name), text, content.length);
    }
  }
  shards.push(shard.write());
}

class Shard {
  #parts = [];
  #lines = [];
  #bytes = 0;
  length = 0;

  constructor(part, index) {
    this.part = part;
    this.name = `${part}-${String(index).padStart(2, '0')}`;
  }

  add(repository, name, header, text, bytes) {
    this.#lines.push(`${repository}\t${name.replace(/[\t\n\r]/g, ' ')}\t${header.length}\t${text.length}\n`);
    this.#parts.push(Uint16Array.from(header), Uint16Array.from(text));
    this.length += header.length + text.length;
    this.#bytes += bytes;
  }

  write() {
    const file = `${this.name}.xz`;
    const documents = `${this.name}.tsv.xz`;
    const raw = Buffer.concat(
      this.#parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
    );
    const packed = compress(raw, [`--lzma2=preset=${values.preset},dict=128MiB,lc=2,lp=1,pb=1`]);
    writeFileSync(path.join(values.out, file), packed);
    writeFileSync(path.join(values.out, documents), compress(Buffer.from(this.#lines.join('')), ['-9']));
    console.error(
      `${this.name}: ${this.#lines.length} documents, ${this.length} symbols, ${(packed.length / 2 ** 20).toFixed(1)} MiB`,
    );
    return {
      part: this.part,
      file,
      documents,
      numDocuments: this.#lines.length,
      symbols: this.length,
      bytes: this.#bytes,
    };
  }
}

function compress(input, options) {
  const { status, stdout, stderr, error } = spawnSync('xz', ['--compress', '--stdout', '--threads=1', ...options], {
    input,
    maxBuffer: 2 ** 31,
  });
  if (status !== 0) throw new Error(`pack: xz failed: ${error?.message ?? stderr}; repair: install xz`);
  return stdout;
}

function filesBelow(root) {
  return readdirSync(root, { recursive: true })
    .map((name) => name.replaceAll(path.sep, '/'))
    .filter((name) => statSync(path.join(root, name)).isFile())
    .sort();
}

const shards = [];
for (const part of ['heldout', 'train']) packPart(part);
const symbols = Array.from({ length: codec.vocabulary.size }, (_, symbol) => symbol);
const description = {
  formatVersion,
  vocabularySize: codec.vocabulary.size,
  specials: codec.specials,
  tokenizerSha256: createHash('sha256').update(tokenizerText).digest('hex'),
  shards,
  symbolBytes: symbols.map((symbol) => codec.symbolBytes(symbol).length),
  endsLine: Array.from(lineEndings(codec)),
};
writeFileSync(path.join(values.out, 'pack.json'), `${JSON.stringify(description)}\n`);
