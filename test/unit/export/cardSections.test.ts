// A section of a card takes the place of the one with its heading, and nothing else changes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSection } from '../../../src/export/cardSections.ts';

const card =
  '# Model\n\nWords.\n\n## Evaluation\n\nOld.\n\n```sh\n## no heading\n```\n\n## By hand\n\nMine.\n\n## Limits\n\nMany.\n';

test('what was measured anew takes the place of what stood there', () => {
  const changed = withSection(card, '## Evaluation\n\nNew.');
  assert.equal(changed, '# Model\n\nWords.\n\n## Evaluation\n\nNew.\n\n## By hand\n\nMine.\n\n## Limits\n\nMany.\n');
  assert.equal(withSection(changed, '## Evaluation\n\nNew.\n'), changed, 'twice is once');
});

test('a new section goes before the limits, or to the end', () => {
  assert.match(withSection(card, '## Speed\n\nFast.'), /Mine\.\n\n## Speed\n\nFast\.\n\n## Limits/);
  assert.equal(withSection('# Model\n', '## Speed\n\nFast.\n'), '# Model\n\n## Speed\n\nFast.\n');
});

test('a section without a heading is refused', () => {
  assert.throws(() => withSection(card, 'New.'), /expected Markdown that begins with a heading/);
});
