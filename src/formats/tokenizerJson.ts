// tokenizer.json, the format of Hugging Face tokenizers, for byte-level BPE: written so that other programs read our models,
// read so that we read theirs. What would change the symbols and is not understood here is refused, never passed over.

import { UserError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { jsonObject, listAt, mismatch, objectAt, parseJson, stringAt } from '../base/json.ts';
import type { SymbolId } from '../base/model.ts';
import type { BpeDescription } from '../codecs/bpe.ts';
import { byteCharacter, readByteSpelling } from '../codecs/byteAlphabet.ts';
import { type SpecialRole, specialNames, type TextSpecials } from '../codecs/text.ts';

/** What other models call the parts that special symbols play; ours first. */
const knownNames: Readonly<Record<SpecialRole, readonly string[]>> = {
  start: [
    specialNames.start,
    '<|begin_of_text|>',
    '<|beginoftext|>',
    '<｜begin▁of▁sentence｜>',
    '<s>',
    '<bos>',
    '<|endoftext|>',
  ],
  end: [specialNames.end, '<|end_of_text|>', '<|endoftext|>', '<｜end▁of▁sentence｜>', '</s>', '<eos>'],
  file: [specialNames.file, '<|file_sep|>', '<file_sep>', '<filename>', '<|file_separator|>'],
  prefix: [specialNames.prefix, '<|fim_prefix|>', '<fim_prefix>', '<fim-prefix>', '<PRE>'],
  suffix: [specialNames.suffix, '<|fim_suffix|>', '<fim_suffix>', '<fim-suffix>', '<SUF>'],
  middle: [specialNames.middle, '<|fim_middle|>', '<fim_middle>', '<fim-middle>', '<MID>'],
};

/** The pattern that the ByteLevel pretokenizer applies by itself (GPT-2). */
const gpt2Pattern =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\p{White_Space}\\p{L}\\p{N}]+|\\p{White_Space}+(?!\\P{White_Space})|\\p{White_Space}+";

export function writeTokenizerJson(description: BpeDescription): string {
  const { tokens, merges, specials, pattern } = description;
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: Object.entries(specials)
      .sort(([, a], [, b]) => a - b)
      .map(([content, id]) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }, byteLevel],
    },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, symbol) => [token, symbol])),
      merges: merges.map(([left, right]) => [tokens[left]!, tokens[right]!]),
    },
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}

/** @throws UserError when it is no byte-level BPE that we would reproduce to the symbol. */
export function parseTokenizerJson(text: string, file = 'tokenizer.json'): BpeDescription {
  const root = jsonObject(parseJson(text, file), file);
  if ((root.raw('normalizer') ?? null) !== null) throw root.problem('normalizer', 'null (text is encoded as it is)');
  const model = root.object('model');
  model.oneOf('type', ['BPE']);
  if (model.optional('byte_fallback', (name) => model.boolean(name)) === true) {
    throw model.problem('byte_fallback', 'false (a byte-level BPE needs none)');
  }
  const vocabulary = readVocabulary(model);
  const specials = readAddedTokens(root, vocabulary);
  const tokens = [...vocabulary].sort(([, a], [, b]) => a - b).map(([token]) => token);
  const special = new Set(Object.values(specials));
  checkTokens(model, tokens, vocabulary, special);
  return {
    pattern: readPattern(root),
    tokens,
    merges: readMerges(model, vocabulary),
    specials,
    roles: readRoles(specials, file),
    ...(model.optional('ignore_merges', (name) => model.boolean(name)) === true ? { ignoreMerges: true } : {}),
  };
}

function readVocabulary(model: JsonObject): Map<string, SymbolId> {
  const vocab = model.object('vocab');
  return new Map(vocab.keys().map((token) => [token, vocab.integer(token, { min: 0 })]));
}

/** Adds them to the vocabulary where they are missing from it, and returns those that no text may spell: all of them. */
function readAddedTokens(root: JsonObject, vocabulary: Map<string, SymbolId>): Record<string, SymbolId> {
  const added = root.optional('added_tokens', (name) =>
    root.list(name, (item, place) => {
      const token = objectAt(item, place);
      return [token.string('content'), token.integer('id', { min: 0 })] as const;
    }),
  );
  for (const [content, symbol] of added ?? []) vocabulary.set(content, symbol);
  return Object.fromEntries(added ?? []);
}

/** Numbers run from 0 without a gap, every byte has a symbol, and every token that is not special is spelled in bytes. */
function checkTokens(
  model: JsonObject,
  tokens: readonly string[],
  vocabulary: ReadonlyMap<string, SymbolId>,
  special: ReadonlySet<SymbolId>,
): void {
  for (const [symbol, token] of tokens.entries()) {
    const got = vocabulary.get(token);
    if (got !== symbol)
      throw model.problem('vocab', `the numbers 0 to ${tokens.length - 1} once each (${symbol} is missing)`);
    if (!special.has(symbol) && readByteSpelling(token) === undefined) {
      throw model.problem('vocab', `byte-level tokens (${JSON.stringify(token)} is none)`);
    }
  }
  for (let byte = 0; byte < 256; byte++) {
    const symbol = vocabulary.get(byteCharacter(byte));
    if (symbol === undefined || special.has(symbol)) throw model.problem('vocab', `a token for byte ${byte}`);
  }
}

/** Merges are ['a', 'b'] pairs, or 'a b' in older files. */
function readMerges(model: JsonObject, vocabulary: ReadonlyMap<string, SymbolId>): [SymbolId, SymbolId][] {
  return model.list('merges', (item, place) => {
    const pair = typeof item === 'string' ? item.split(' ') : listAt(item, place, stringAt);
    const [left, right] = pair;
    if (pair.length !== 2 || left === undefined || right === undefined) throw mismatch(place, 'a pair of tokens', item);
    const [a, b] = [vocabulary.get(left), vocabulary.get(right)];
    if (a === undefined || b === undefined || !vocabulary.has(left + right)) {
      throw mismatch(place, 'two tokens of the vocabulary that join to a third', item);
    }
    return [a, b];
  });
}

function readPattern(root: JsonObject): string {
  const outer = root.object('pre_tokenizer');
  const steps =
    outer.raw('type') === 'Sequence' ? outer.list('pretokenizers', (item, place) => objectAt(item, place)) : [outer];
  const byteLevel = steps.at(-1)!;
  byteLevel.oneOf('type', ['ByteLevel']);
  byteLevel.optional('add_prefix_space', (name) => {
    if (byteLevel.boolean(name)) throw byteLevel.problem(name, 'false (text is encoded as it is)');
  });
  const ownPattern = byteLevel.optional('use_regex', (name) => byteLevel.boolean(name)) ?? true;
  const splits = steps.slice(0, -1).map(readSplit);
  if (ownPattern) splits.push(gpt2Pattern);
  const [pattern] = splits;
  if (splits.length !== 1 || pattern === undefined) {
    throw root.problem('pre_tokenizer', 'exactly one pattern (one Split, or ByteLevel with use_regex)');
  }
  return pattern;
}

function readSplit(split: JsonObject): string {
  split.oneOf('type', ['Split']);
  split.oneOf('behavior', ['Isolated']);
  const regex = javaScriptPattern(split.object('pattern').string('Regex'));
  try {
    new RegExp(regex, 'gu');
  } catch {
    throw split.problem('pattern', 'a regular expression that JavaScript knows too');
  }
  return regex;
}

/** What Oniguruma patterns in use write otherwise than JavaScript: \s and \S of Unicode, \d, and (?i: ). */
function javaScriptPattern(pattern: string): string {
  return pattern
    .replace(/\(\?i:([^()]*)\)/g, (_, body: string) => `(?:${ignoreCase(body)})`)
    .replace(
      /\\([sSd])/g,
      (_, letter: string) => `\\${{ s: 'p{White_Space}', S: 'P{White_Space}', d: 'p{Nd}' }[letter]}`,
    );
}

/** Every letter of a pattern as both cases; s and k have a third each. */
function ignoreCase(pattern: string): string {
  const third: Readonly<Record<string, string>> = { s: '\u017f', k: '\u212a' };
  let inClass = false;
  return pattern.replace(/\\.|[[\]]|[a-zA-Z]/g, (part) => {
    if (part === '[' || part === ']') inClass = part === '[';
    if (!/^[a-zA-Z]$/.test(part)) return part;
    const lower = part.toLowerCase();
    const cases = `${lower}${part.toUpperCase()}${third[lower] ?? ''}`;
    return inClass ? cases : `[${cases}]`;
  });
}

function readRoles(specials: Readonly<Record<string, SymbolId>>, file: string): TextSpecials {
  const find = (role: SpecialRole) => {
    const name = knownNames[role].find((candidate) => Object.hasOwn(specials, candidate));
    return name === undefined ? undefined : specials[name];
  };
  const start = find('start') ?? find('end');
  const end = find('end') ?? start;
  if (start === undefined || end === undefined) {
    throw new UserError(
      `${file}: added_tokens: expected a start or end symbol (one of ${[...knownNames.start, ...knownNames.end].join(' ')}), got ${Object.keys(specials).join(' ') || 'none'}`,
    );
  }
  const optional = (['file', 'prefix', 'suffix', 'middle'] as const).flatMap((role) => {
    const symbol = find(role);
    return symbol === undefined ? [] : [[role, symbol] as const];
  });
  return { start, end, ...Object.fromEntries(optional) };
}
