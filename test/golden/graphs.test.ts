// Each architecture's emitted graphs, printed: a refactoring that changes a graph says so in its diff. UPDATE_SNAPSHOTS=1
// node scripts/test.mjs test/golden/graphs.test.ts remakes them.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { gradients } from '../../src/autodiff/gradients.ts';
import { printGraph } from '../../src/graph/printer.ts';
import { architectures } from '../../src/models/registry.ts';
import { tinyConfigs } from '../tinyModels.ts';

const folder = 'test/golden/graphs';

for (const architecture of architectures.values()) {
  const config = architecture.parseConfig(tinyConfigs[architecture.name]![0]);

  test(`${architecture.name}: the training graph`, () => {
    const { graph, lossNats } = architecture.buildTrain(
      config,
      2,
      architecture.rows === 'images' ? architecture.contextLength(config) : 5,
    );
    const found = gradients(graph, lossNats, graph.parameters);
    graph.output('lossNats', lossNats);
    graph.parameters.forEach(({ name }, index) => {
      graph.output(`gradient.${name}`, found[index]!);
    });
    compare(`${architecture.name}.train.txt`, printGraph(graph));
  });

  test(`${architecture.name}: the score graph`, () => {
    compare(`${architecture.name}.score.txt`, printGraph(architecture.buildScore(config)));
  });

  test(`${architecture.name}: the step graph`, () => {
    compare(`${architecture.name}.step.txt`, printGraph(architecture.buildStep(config)));
  });

  const { buildInPlaceStep, buildSample } = architecture;
  const configs = tinyConfigs[architecture.name]!.map((json) => architecture.parseConfig(json));
  const inPlace = configs.map((one) => buildInPlaceStep?.(one)).find((graph) => graph !== undefined);
  if (inPlace) {
    test(`${architecture.name}: the step graph in place`, () => {
      compare(`${architecture.name}.inPlace.txt`, printGraph(inPlace));
    });
  }
  if (buildSample) {
    test(`${architecture.name}: the sample graph`, () => {
      compare(`${architecture.name}.sample.txt`, printGraph(buildSample(config)));
    });
  }
}

function compare(name: string, printed: string): void {
  const path = `${folder}/${name}`;
  if (process.env['UPDATE_SNAPSHOTS'] === '1') {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, printed);
  }
  assert.ok(existsSync(path), `${path} is missing; make it with UPDATE_SNAPSHOTS=1`);
  assert.equal(
    printed,
    readFileSync(path, 'utf8'),
    `${path} differs; if that is meant, remake it with UPDATE_SNAPSHOTS=1`,
  );
}
