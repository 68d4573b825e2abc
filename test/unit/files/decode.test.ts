import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText } from '../../../src/files/decode.ts';

const utf16le = (text: string) => Buffer.from(text, 'utf16le');
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();
const check = (bytes: readonly Uint8Array[], expected: ReturnType<typeof decodeText>) =>
  assert.deepEqual(decodeText(Buffer.concat(bytes)), expected);

test('a byte order mark decides, and is taken off', () => {
  check([Buffer.from('aé😀\r\n')], { text: 'aé😀\r\n', encoding: 'utf8' });
  check([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from('é')], { text: 'é', encoding: 'utf8bom' });
  check([Buffer.from([0xff, 0xfe]), utf16le('é😀')], { text: 'é😀', encoding: 'utf16le' });
  check([Buffer.from([0xfe, 0xff]), utf16be('é😀')], { text: 'é😀', encoding: 'utf16be' });
  check([], { text: '', encoding: 'utf8' });
  check([Buffer.from([0xef, 0xbb, 0xbf])], { text: '', encoding: 'utf8bom' });
});

test('only the first mark is one', () => {
  check([Buffer.from('\ufeff\ufeffa\ufeff')], { text: '\ufeffa\ufeff', encoding: 'utf8bom' });
});

test('UTF-16 without a mark is known by its zeros', () => {
  const text = 'const naïve = “quoted”;\r\n\tif (x) { y(); } // 😀\r\n';
  check([utf16le(text)], { text, encoding: 'utf16le' });
  check([utf16be(text)], { text, encoding: 'utf16be' });
  check([utf16le('日本語のテキスト、漢字')], undefined);
  check([utf16le(text), Buffer.of(0x61)], undefined);
  check([utf16le('a\0b\0')], undefined);
  check([Buffer.alloc(64)], undefined);
});

test('Latin-1 and Windows-1252, where a few letters of Western Europe stand among ASCII', () => {
  const text = '/* Author: André Müller, Zürich. Price “5 €”. */\nint main(void) { return 0; }\n';
  const bytes = Buffer.from(text.replace('“', '\x93').replace('”', '\x94').replace('€', '\x80'), 'latin1');
  check([bytes], { text, encoding: 'windows1252' });
  check([Buffer.from('/* caf\xe9 */', 'latin1')], { text: '/* café */', encoding: 'windows1252' });
  // Cyrillic in Windows-1251 and Chinese in GBK have their letters side by side, noise has anything.
  check([Buffer.from('// \xef\xf0\xe8\xe2\xe5\xf2\n', 'latin1'), Buffer.alloc(500, 'a')], undefined);
  check([Buffer.from('caf\xe9\x01', 'latin1'), Buffer.alloc(500, 'a')], undefined);
  check([Buffer.from('caf\xe9\x81', 'latin1'), Buffer.alloc(500, 'a')], undefined);
  check([Buffer.from('\xe9a\xe8b'.repeat(50), 'latin1')], undefined);
});

test('what is neither is no text', () => {
  check([Buffer.from('a\0b')], undefined);
  check([Buffer.from([0xff, 0xfe, 0x61])], undefined);
  check([Buffer.from([0xfe, 0xff, 0xd8, 0x00])], undefined);
  check([Buffer.from([0xff, 0xfe, 0x00, 0x00, 0x61, 0x00, 0x00, 0x00])], undefined);
});
