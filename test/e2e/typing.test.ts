// Ghost text in a real file: it appears while typing, is taken whole or by words, follows what is typed, and repeats nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventuallyEquals, never } from './lib/eventually.ts';
import { openEditor } from './lib/fixture.ts';
import { signalProcess } from './lib/processes.ts';
import { commands } from './lib/product.ts';
import { closingPairs } from './lib/sandbox.ts';
import { corpusAfter, corpusText, corpusUpTo } from './lib/testModel.ts';

/** Where the cursor stands before typing, and what is typed: the model knows how it goes on. */
const marker = "case 2:\n      return 'tues";
const typed = 'retu';
const before = corpusUpTo('days.ts', 'case 2:\n      ');

test('ghost text', async (t) => {
  const settings = { '[python]': closingPairs };
  const editor = await openEditor(t, { files: { 'days.ts': before, 'colors.py': '' }, settings });
  const { workbench, sandbox } = editor;
  await editor.ready();

  const startAgain = async (text = before, name = 'days.ts') => {
    await workbench.discard();
    sandbox.write(name, text);
    await workbench.open(name);
  };
  const known = (text: string) => corpusAfter('days.ts', `case 2:\n      ${text}`);

  await editor.test('appears while typing in a real file and is how the text goes on', async () => {
    await workbench.type(typed);
    const ghost = await workbench.waitForGhostText();
    assert.ok(known(typed).startsWith(ghost), `${JSON.stringify(ghost)} is not how the corpus goes on`);
    assert.match(ghost, /^rn 'tuesday';/);
  });

  await editor.test('Tab takes all of it', async () => {
    const ghost = await workbench.ghostText();
    await workbench.press('Tab');
    await workbench.save();
    assert.equal(sandbox.read('days.ts'), before + typed + ghost);
  });

  await editor.test('Ctrl+Right takes a word and leaves the rest', async () => {
    await startAgain();
    await workbench.type(typed);
    const ghost = await workbench.waitForGhostText();
    await workbench.press('Control+ArrowRight');
    await eventuallyEquals('the rest is still offered', () => workbench.ghostText(), ghost.slice('rn'.length));
    await workbench.press('Escape');
    await workbench.save();
    assert.equal(sandbox.read('days.ts').trimEnd(), `${before}return`);
  });

  await editor.test('Escape drops it', async () => {
    await startAgain();
    await workbench.type(typed);
    await workbench.waitForGhostText();
    await workbench.press('Escape');
    await workbench.waitForNoGhostText();
    await workbench.save();
    assert.equal(sandbox.read('days.ts'), before + typed);
  });

  await editor.test('typing along keeps it, without asking the engine again', async () => {
    await startAgain();
    await workbench.type(typed);
    const ghost = await workbench.waitForGhostText();
    const engine = await editor.engine();
    // A stopped engine answers nothing: whatever is shown now was known before.
    signalProcess(engine, 'SIGSTOP');
    try {
      for (let length = 1; length <= 6; length++) {
        await workbench.type(ghost[length - 1] ?? '');
        await eventuallyEquals(`after ${length} characters`, () => workbench.ghostText(), ghost.slice(length));
      }
    } finally {
      signalProcess(engine, 'SIGCONT');
    }
  });

  await editor.test('is asked for by hand, and comes by hand alone when automatic ghost text is off', async () => {
    sandbox.configure({ ...editor.settings, 'editor.inlineSuggest.enabled': false });
    await startAgain(before + typed);
    await workbench.command(commands.completeHere);
    const ghost = await workbench.waitForGhostText();
    assert.match(ghost, /^rn 'tuesday';/);
    sandbox.configure(editor.settings);
  });

  await editor.test('does not repeat what follows the cursor', async () => {
    const after = corpusAfter('days.ts', `${marker}day';\n`);
    await startAgain(`${before}${typed}\n${after}`);
    await workbench.goTo(before.split('\n').length, typed.length + 7);
    await workbench.command(commands.completeHere);
    const ghost = await workbench.waitForGhostText();
    await workbench.press('Tab');
    await workbench.save();
    const saved = sandbox.read('days.ts');
    assert.equal(saved, `${before}${typed}${ghost}\n${after}`);
    assert.equal(saved.split('case 3:').length, corpusText('days.ts').split('case 3:').length, ghost);
  });

  await editor.test('does not repeat the rest of the line', async () => {
    const rest = "day';";
    await startAgain(`${before}return 'tues${rest}`);
    await workbench.goTo(before.split('\n').length, before.split('\n').at(-1)!.length + "return 'tues".length + 1);
    await workbench.press('Backspace');
    await workbench.type('s');
    await never('the rest is doubled', async () => (await workbench.ghostText()).includes('day'), { forMs: 1500 });
  });

  await editor.test('brackets that the editor closes are neither lost nor doubled', async () => {
    const loop = corpusUpTo('colors.py', 'in enumerate');
    const accepted = async () => {
      await workbench.press('Tab');
      await workbench.save();
      return sandbox.read('colors.py');
    };
    await startAgain(loop, 'colors.py');
    await workbench.type('(');
    await workbench.waitForGhostText();
    assert.equal(await accepted(), `${loop}(stripes(count))`, 'suggested between brackets that were there');

    await startAgain(loop.slice(0, -'ate'.length), 'colors.py');
    await workbench.type('ate');
    await workbench.waitForGhostText((text) => text.startsWith('(stripes(count)):'));
    await workbench.type('(');
    await workbench.waitForGhostText((text) => text.startsWith('stripes'));
    assert.equal(await accepted(), `${loop}(stripes(count)):`, 'suggested before, and typed along');
  });

  await editor.test('asked for by hand there are several, to go through in a circle', async () => {
    // Three functions of the corpus begin so; which of them comes after all of it, nobody taught the model.
    await startAgain(`${corpusText('days.ts')}\nexport function `);
    await workbench.command(commands.completeHere);
    const first = await workbench.waitForGhostText();
    const shown = [first];
    for (let ghost = ''; ghost !== first; ) {
      await workbench.press('Alt+BracketRight');
      const last = shown.at(-1) ?? '';
      ghost = await workbench.waitForGhostText((text) => text !== last);
      if (ghost !== first) shown.push(ghost);
      assert.ok(shown.length <= 3, `more than three: ${JSON.stringify(shown)}`);
    }
    assert.ok(shown.length >= 2, 'another one is shown');
    assert.equal(new Set(shown).size, shown.length, JSON.stringify(shown));

    await workbench.press('Alt+BracketRight');
    await workbench.waitForGhostText((text) => text === shown[1]);
    await workbench.press('Alt+BracketLeft');
    await workbench.waitForGhostText((text) => text === first);
    await workbench.press('Escape');
  });

  await editor.test('several languages in one session', async () => {
    await startAgain(corpusUpTo('colors.py', 'def describe(count):\n'), 'colors.py');
    await workbench.type('    for num');
    assert.match(await workbench.waitForGhostText(), /^ber, color in enumerate/);
  });
});
