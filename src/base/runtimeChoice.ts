// Which way to ONNX Runtime a process takes: the C API or the plain binding, or the first if a test of it holds.

export const runtimeChoices = ['auto', 'native', 'plain'] as const;
export type RuntimeChoice = (typeof runtimeChoices)[number];

/** Undefined for what is none. */
export function runtimeChoice(text: unknown): RuntimeChoice | undefined {
  return runtimeChoices.find((choice) => choice === text);
}
