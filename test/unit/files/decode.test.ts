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

test('what is neither is no text', () => {
  check([Buffer.from('caf\xe9', 'latin1')], undefined);
  check([Buffer.from('a\0b')], undefined);
  check([utf16le('no mark')], undefined);
  check([Buffer.from([0xff, 0xfe, 0x61])], undefined);
  check([Buffer.from([0xfe, 0xff, 0xd8, 0x00])], undefined);
  check([Buffer.from([0xff, 0xfe, 0x00, 0x00, 0x61, 0x00, 0x00, 0x00])], undefined);
});
