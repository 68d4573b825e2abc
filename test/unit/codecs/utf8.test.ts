import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutUtf8 } from '../../../src/codecs/utf8.ts';

function cut(...bytes: number[]): (string | number)[] {
  const parts: (string | number)[] = [];
  cutUtf8(
    Uint8Array.from(bytes),
    (text) => parts.push(text),
    (byte) => parts.push(byte),
  );
  return parts;
}

test('valid text is one run, invalid bytes stand alone', () => {
  assert.deepEqual(cut(), []);
  assert.deepEqual(cut(0x61, 0xc3, 0xa9, 0xf0, 0x9f, 0x98, 0x80), ['aé😀']);
  assert.deepEqual(cut(0x61, 0xff, 0x62), ['a', 0xff, 'b']);
  assert.deepEqual(cut(0xe2, 0x82), [0xe2, 0x82]);
  assert.deepEqual(cut(0xe2, 0x82, 0x61), [0xe2, 0x82, 'a']);
});

test('a byte order mark is text', () => assert.deepEqual(cut(0xef, 0xbb, 0xbf, 0x61), ['\ufeffa']));

test('every lead byte with second bytes at every border is judged as the platform judges it', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  for (let lead = 0; lead < 256; lead++) {
    for (const second of [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff]) {
      for (const rest of [[], [0x80], [0x80, 0xbf]]) {
        const bytes = [lead, second, ...rest];
        // The stray byte at the front keeps the whole from being taken as one valid run.
        const whole = cut(0xff, ...bytes);
        let valid = true;
        try {
          strict.decode(Uint8Array.from(bytes));
        } catch {
          valid = false;
        }
        assert.equal(whole.length === 2 && typeof whole[1] === 'string', valid, bytes.join(' '));
      }
    }
  }
});
