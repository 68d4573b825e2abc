// The two forms in which a PixelCNN's features lie: whole images [batch, features, height, width], and one row for each symbol with the
// features of its channel [rows, features / channels]. The forward pass is written once over either.
import type { Graph, Value } from '../graph/graph.ts';
import { type CausalConvolution, convolveImages, type ParameterOf } from '../layers/causalConvolution.ts';
import type { SymbolRows } from '../layers/symbolRows.ts';
import type { PixelCnnConfig } from './pixelLayers.ts';

export interface PixelForm {
  readonly graph: Graph;
  convolve(x: Value, layer: CausalConvolution): Value;
  /** Features of the vertical stack -> what the horizontal one may know of them: those a row above. */
  fromAbove(x: Value, layer: CausalConvolution): Value;
  /** Both halves of the features; `grouped` says that each channel has halves of its own. */
  halves(x: Value, grouped: boolean): readonly [Value, Value];
}

export function imageForm(graph: Graph, { channels }: PixelCnnConfig, parameter: ParameterOf): PixelForm {
  return {
    graph,
    convolve: (x, layer) => graph.scope(layer.name, () => convolveImages(graph, x, layer, channels, parameter)),
    fromAbove: (x) => {
      const height = Number(x.shape[2]);
      const lower = graph.op('Pad', [x], { axis: 2, before: 1, after: 0 });
      return graph.op('Slice', [lower], { axis: 2, start: 0, end: height });
    },
    halves: (x, grouped) => {
      const [batch, features, height, width] = x.shape as [number, number, number, number];
      const groups = grouped ? channels : 1;
      const half = features / groups / 2;
      const parts = graph.all('Split', [graph.reshape(x, [batch, groups, 2 * half, height, width])], {
        axis: 2,
        sizes: [half, half],
      });
      return parts.map((part) => graph.reshape(part, [batch, features / 2, height, width])) as [Value, Value];
    },
  };
}

export function rowForm(graph: Graph, rows: SymbolRows): PixelForm {
  return {
    graph,
    convolve: (x, layer) => graph.scope(layer.name, () => rows.convolve(x, layer)),
    fromAbove: (x, layer) => graph.scope(layer.name, () => rows.ownGroup(rows.look(x, layer))),
    halves: (x) => {
      const half = Number(x.shape[1]) / 2;
      return graph.all('Split', [x], { axis: 1, sizes: [half, half] }) as [Value, Value];
    },
  };
}

/** Symbols of any shape -> numbers from -1 to 1, [..., 1]; zero is left for what is outside, the start symbol among it. */
export function intensities(graph: Graph, symbols: Value, levels: number): Value {
  const table = Float32Array.from({ length: levels + 1 }, (_, symbol) =>
    symbol === levels ? 0 : (2 * symbol) / (levels - 1) - 1,
  );
  return graph.op('Gather', [graph.constant({ dtype: 'float32', shape: [levels + 1, 1], data: table }), symbols]);
}
