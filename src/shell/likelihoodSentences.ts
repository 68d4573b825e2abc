// What the likelihood view says in sentences.

import type { LikelihoodViewMessage } from '../protocol/likelihoodViewMessages.ts';
import type { FromScorer } from '../protocol/scorerMessages.ts';
import type { SideScores } from './likelihoodSide.ts';
import { countText } from './quantities.ts';

type Standing = Pick<SideScores, 'state' | 'bits' | 'numTokens' | 'progress'>;

export function headlineOf(facts: {
  readonly state: LikelihoodViewMessage['state'];
  readonly numBytes: number;
  readonly a: Standing;
  readonly b: Standing | undefined;
}): string {
  const { state, numBytes, a, b } = facts;
  if (state === 'waiting') return 'Reading the text ...';
  if (state === 'failed') return 'Not scored';
  if (state === 'scoring') {
    const busy = a.state === 'scoring' ? a : b;
    return busy && busy.progress > 0
      ? `Scoring: ${Math.round(100 * busy.progress)} %`
      : 'Scoring: loading the model ...';
  }
  if (numBytes === 0) return `Empty: its end alone takes ${a.bits.toFixed(2)} bits`;
  const rate = ({ bits }: Standing) => (bits / numBytes).toFixed(3);
  const size = `${countText(numBytes)} bytes in ${countText(a.numTokens)} tokens need ${countText(Math.ceil(a.bits / 8))} bytes`;
  if (b?.state === 'ready') {
    const less = (100 * (a.bits - b.bits)) / Math.max(1e-9, a.bits);
    const change = `${Math.abs(less).toFixed(1)} % ${less >= 0 ? 'fewer' : 'more'}`;
    return `${rate(a)} bits per byte, ${rate(b)} under the second model: ${change}`;
  }
  return `${rate(a)} bits per byte: ${size}`;
}

/** Of the size only the header and a few bytes are beyond the bits. */
export function proofText(proof: Extract<FromScorer, { kind: 'provedText' }>): string {
  const { numBytes, compressedBytes, headerBytes, bits, same } = proof;
  const coded = compressedBytes - headerBytes;
  const beyond = coded - bits / 8;
  const sizes =
    `${countText(numBytes)} bytes became ${countText(compressedBytes)}: a header of ${headerBytes}, and ${countText(coded)} for ` +
    `${bits.toFixed(1)} bits, which are ${(bits / 8).toFixed(1)} bytes (${beyond >= 0 ? '+' : ''}${beyond.toFixed(1)}).`;
  const back = same
    ? 'The text came back byte for byte.'
    : 'What came back is another text: please report this, with the model and the text.';
  return `${sizes} ${back}`;
}
