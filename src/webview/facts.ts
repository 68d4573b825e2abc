// Labels and what they say, as the entries of a list of terms.
import type { Fact } from '../protocol/webviewMessages.ts';
import { element } from './dom.ts';

export function factsOf(facts: readonly Fact[]): HTMLElement[] {
  return facts.map(({ label, value }) =>
    element('div', { class: 'fact' }, element('dt', {}, label), element('dd', {}, value)),
  );
}
