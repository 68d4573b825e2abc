// Files that are not what one expects: nothing crashes, nothing hangs, no character is changed that nobody typed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openEditor } from './lib/fixture.ts';
import { signalProcess } from './lib/processes.ts';
import { corpusUpTo } from './lib/testModel.ts';

const megabyte = 2 ** 20;
const known = corpusUpTo('days.ts', 'case 2:\n      ');

const files = {
  'days.ts': known,
  'crlf.ts': known.replaceAll('\n', '\r\n'),
  'nul.ts': `const a = "\0\0";\n${known}`,
  'control.ts': `// \u0001\u001b[31m \u0085 \ufeff \u{1f469}\u200d\u{1f680}\n${known}`,
  // UTF-8 of lone surrogates, which no encoder writes; the editor shows replacement characters.
  'surrogates.ts': Buffer.concat([
    Buffer.from('// '),
    Buffer.from([0xed, 0xa0, 0xbd, 0xed, 0xb2]),
    Buffer.from(`\n${known}`),
  ]),
  'utf16.ts': Buffer.from(`\ufeff// Gr\u00f6\u00dfe\n${known}`, 'utf16le'),
  'latin1.ts': Buffer.from(`// Gr\u00f6\u00dfe\n${known}`, 'latin1'),
  'one-line.json': `{"a":"${'x'.repeat(10 * megabyte)}"}`,
  'empty.ts': '',
};

test('unusual files', async (t) => {
  const editor = await openEditor(t, { files, open: 'days.ts', probed: true });
  const { workbench, sandbox } = editor;
  await editor.ready();
  const engine = await editor.engine();

  const stillWorks = async () => {
    assert.deepEqual(editor.engines(), [engine], 'the engine is the same');
    await workbench.waitForStatus(/: ready: ./);
    await workbench.open('days.ts');
    await workbench.type('r');
    await workbench.waitForGhostText();
    await workbench.press('Escape');
    await workbench.press('Backspace');
  };

  await editor.test('CRLF: ghost text is taken with the line ends of the file', async () => {
    await workbench.open('crlf.ts');
    await workbench.type('retu');
    const ghost = await workbench.waitForGhostText();
    await workbench.press('Tab');
    await workbench.save();
    const saved = sandbox.read('crlf.ts');
    assert.equal(saved, `${known}retu${ghost}`.replaceAll('\n', '\r\n'));
    await stillWorks();
  });

  for (const name of ['nul.ts', 'control.ts', 'surrogates.ts'] as const) {
    await editor.test(`${name}: typing and saving change nothing else`, async () => {
      await workbench.openAnyway(name);
      await workbench.type('retu');
      await workbench.waitForGhostText();
      await workbench.save();
      const expected = Buffer.from(files[name]).toString('utf8');
      assert.equal(sandbox.read(name), `${expected}retu`);
      await stillWorks();
    });
  }

  const bytesOf = (name: string) => readFileSync(path.join(sandbox.workspace, name));

  for (const name of ['utf16.ts', 'latin1.ts'] as const) {
    await editor.test(`${name}: completed beside files of other encodings; not saved, it stays as it was`, async () => {
      await workbench.openAnyway(name);
      await workbench.type('retu');
      await workbench.waitForGhostText();
      await workbench.discard();
      assert.deepEqual(bytesOf(name), files[name]);
      await stillWorks();
    });
  }

  await editor.test('utf16.ts: saved, it keeps its encoding', async () => {
    await workbench.openAnyway('utf16.ts');
    await workbench.type('retu');
    const ghost = await workbench.waitForGhostText();
    await workbench.press('Tab');
    await workbench.save();
    assert.deepEqual(bytesOf('utf16.ts'), Buffer.concat([files['utf16.ts'], Buffer.from(`retu${ghost}`, 'utf16le')]));
    await stillWorks();
  });

  await editor.test('one line of 10 MB: keys are taken, the engine is asked, and lives', async () => {
    await workbench.openAnyway('one-line.json');
    await editor.extensionHost();
    // Stopped, so that the question lasts long enough to be seen.
    signalProcess(engine, 'SIGSTOP');
    try {
      await workbench.type(',1');
      await workbench.waitForStatus(/: thinking/);
      await workbench.type(',2');
    } finally {
      signalProcess(engine, 'SIGCONT');
    }
    await workbench.waitForStatus(/: ready: ./);
    await workbench.type(',3');
    const { longestStallMs, longestWorkMs } = await editor.extensionHost();
    await workbench.save();
    assert.equal(sandbox.read('one-line.json'), `${files['one-line.json']},1,2,3`);
    const [stall, work] = [longestStallMs, longestWorkMs].map((ms) => ms.toFixed(1));
    t.diagnostic(`one line of 10 MB: the extension host was held up for ${stall} ms at most, by work for ${work} ms`);
    await stillWorks();
  });

  await editor.test('an empty file', async () => {
    await workbench.open('empty.ts');
    await workbench.type('// The days');
    await workbench.save();
    assert.equal(sandbox.read('empty.ts'), '// The days');
    await stillWorks();
  });
});
