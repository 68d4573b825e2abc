// What the card says of a model's variants: a section of its own, which can be put into a card that is there already.
import type { ModelDescription } from '../formats/modelFolder.ts';
import { variantTitles } from './variantForms.ts';

type Described = Pick<ModelDescription, 'variants'>;

const heading = '## Variants';

/** Empty where there are none. `sizesBytes`: of their weights, in their order. */
export function variantsSection({ variants = [] }: Described, sizesBytes: readonly number[]): string {
  if (variants.length === 0) return '';
  const rows = variants.map(
    ({ name, lossBitsPerByte, toleranceNats }, index) =>
      `| ${name} | ${variantTitles[name]} | ${(sizesBytes[index]! / 1e6).toFixed(1)} MB | ` +
      `${lossBitsPerByte === null ? 'not measured' : signed(lossBitsPerByte)} | ${toleranceNats.toPrecision(2)} |`,
  );
  return `${heading}

The same model with weights of few bits, for speed: \`step.NAME.onnx\`, \`score.NAME.onnx\` and so on over \`weights.NAME.safetensors\`. Beside the
weights as they were trained, each needs so many more bits for each byte of text that it did not learn from. The tolerance is how far
its logarithms of probabilities of 1 % and more, in nats, may lie apart when it reads the same text in other pieces.

| variant | weights | size | more bits per byte | tolerance |
| --- | --- | ---: | ---: | ---: |
${rows.join('\n')}
`;
}

/** The card with this section in place of the one it had, or before its limits, or at its end. */
export function cardWithVariants(card: string, description: Described, sizesBytes: readonly number[]): string {
  const section = variantsSection(description, sizesBytes);
  const without = card.replace(new RegExp(`^${heading}\\n[^]*?(?=^## |(?![^]))`, 'm'), '');
  if (section === '') return without;
  const at = without.search(/^## Limits$/m);
  return at < 0 ? `${without.trimEnd()}\n\n${section}` : `${without.slice(0, at)}${section}\n${without.slice(at)}`;
}

function signed(bits: number): string {
  return `${bits < 0 ? '-' : '+'}${Math.abs(bits).toFixed(4)}`;
}
