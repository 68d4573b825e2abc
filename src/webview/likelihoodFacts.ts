// Beside the heat map: bits per byte against compressors and other models, and the proof that the bits are true.
import type { Comparison, FromLikelihoodView, LikelihoodViewMessage } from '../protocol/likelihoodViewMessages.ts';
import { element, filler } from './dom.ts';
import { visibleText } from './likelihoodText.ts';

export interface Facts {
  readonly root: HTMLElement;
  show(view: LikelihoodViewMessage): void;
}

type FactsData = Pick<LikelihoodViewMessage, 'comparisons' | 'proof' | 'numBytes' | 'a' | 'b' | 'state'>;

export function createFacts(send: (message: FromLikelihoodView) => void): Facts {
  const against = element('section', { 'aria-label': 'Bits per byte' });
  const proof = element('section', { 'aria-label': 'Proof', class: 'proof' });
  const button = (label: string, message: FromLikelihoodView, more: Record<string, string | boolean> = {}) =>
    element('button', { type: 'button', class: 'secondary', click: () => send(message), ...more }, label);

  const fillAgainst = filler<FactsData>(against, ({ comparisons, numBytes, a, b }) => {
    const perByte = ({ bits }: Comparison) => (bits === null || numBytes === 0 ? undefined : bits / numBytes);
    const most = Math.max(1e-9, ...comparisons.map((one) => perByte(one) ?? 0));
    const isComputing = comparisons.some(({ state }) => state === 'computing');
    const isOpen = comparisons.some(({ state }) => state === 'unknown' || state === 'failed');
    const compare = (one: Comparison) => button('Compute', { kind: 'compare', model: one.model }, { class: 'link' });
    const rows = comparisons.map((one) => {
      const value = perByte(one);
      const isOurs = one.model !== null && (one.model === a || one.model === b);
      const bar = element('span', { class: `against-bar ${one.model === null ? 'other' : isOurs ? 'ours' : 'model'}` });
      bar.style.width = `${(100 * (value ?? one.progress ?? 0)) / (value === undefined ? 1 : most)}%`;
      return element(
        'tr',
        { class: one.state },
        element('th', { scope: 'row' }, element('bdi', {}, visibleText(one.name, 60))),
        element('td', { class: 'against-track' }, bar),
        element('td', { class: 'number' }, ...figureOf(one, value)),
      );
    });
    function figureOf(one: Comparison, value: number | undefined): (Node | string)[] {
      if (value !== undefined) return [value.toFixed(3)];
      if (one.state === 'computing') return [`${Math.round(100 * (one.progress ?? 0))} %`];
      const label = visibleText(one.name, 60);
      const made = compare(one);
      made.setAttribute('aria-label', `Compute ${label}`);
      if (one.state === 'failed') {
        made.title = visibleText(one.reason, 300);
        made.textContent = 'Failed: try again';
      }
      return [made];
    }
    return [
      element('h2', {}, 'Bits per byte'),
      element(
        'table',
        { class: 'against' },
        element(
          'thead',
          { class: 'unseen' },
          element(
            'tr',
            {},
            element('th', { scope: 'col' }, 'By'),
            element('th', { scope: 'col' }, 'Bar'),
            element('th', { scope: 'col' }, 'Bits per byte'),
          ),
        ),
        element('tbody', {}, ...rows),
      ),
      element(
        'div',
        { class: 'buttons' },
        ...(isComputing ? [button('Cancel Computing', { kind: 'cancelComparing' })] : []),
        ...(isOpen && !isComputing ? [button('Compute All', { kind: 'compare', model: null })] : []),
      ),
    ];
  });

  const fillProof = filler<FactsData>(proof, ({ proof: { state, progress, text }, state: viewState }) => {
    const bar = element('progress', { max: 1, value: progress ?? 0, 'aria-label': 'Progress of the proof' });
    return [
      element('h2', {}, 'Are these numbers true?'),
      element(
        'p',
        { class: 'quiet' },
        text ||
          'Compresses this text by arithmetic coding with these very probabilities, unpacks it, and compares: its size is the sum of the bits.',
      ),
      ...(state === 'running' ? [bar] : []),
      element(
        'div',
        { class: 'buttons' },
        state === 'running'
          ? button('Cancel Proof', { kind: 'cancelProof' })
          : button(
              state === 'none' ? 'Prove It' : 'Prove It Again',
              { kind: 'prove' },
              { disabled: viewState !== 'ready' },
            ),
      ),
    ];
  });

  return {
    root: element('div', {}, against, proof),
    show({ comparisons, proof: proved, numBytes, a, b, state }) {
      fillAgainst({ comparisons, proof: { state: 'none', progress: null, text: '' }, numBytes, a, b, state: 'ready' });
      fillProof({ comparisons: [], proof: proved, numBytes, a, b, state });
      proof.dataset['state'] = proved.state;
    },
  };
}
