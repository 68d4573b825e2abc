// The likelihood of a folder: how fast its files are read and scored the first time, and again when all of them are remembered by their
// content, which leaves reading, the rules of what is left out, and hashing. The folder is this repository's own src, small files first.
import { loadTextModel } from '../src/engine/loadModel.ts';
import { type FileBits, scoreFolders } from '../src/likelihood/folders.ts';
import { readConfig } from '../src/models/registry.ts';
import { type BenchContext, forRounds } from './context.ts';

/** Of text that is scored: a first run takes some seconds. */
const maxBytes = 2 ** 19;

export async function foldersBench(bench: BenchContext): Promise<void> {
  const { dir, label } = await bench.model();
  const { threads, signal } = bench;
  const options = { runtime: await bench.runtime(), threads, verify: false, readConfig, open: 'score' } as const;
  const model = await loadTextModel(dir, options);
  let numFiles = 0;
  try {
    const run = async (memory: Map<string, FileBits>) => {
      const startedAt = performance.now();
      let [files, bytes] = [0, 0];
      const scored = scoreFolders([{ path: 'src', excludes: [] }], {
        ...{ model, modelKey: dir, order: 'size', maxFileBytes: 2 ** 20, maxBytes, memory, signal },
        compute: (work) => work(() => new Promise((resolve) => setImmediate(resolve))),
      });
      for await (const file of scored) {
        files += 1;
        bytes += file.bytes;
      }
      const seconds = (performance.now() - startedAt) / 1000;
      numFiles = files;
      return { files: files / seconds, bytes: bytes / seconds };
    };
    await forRounds(bench, 'folders', async () => {
      const memory = new Map<string, FileBits>();
      const first = await run(memory);
      const again = await run(memory);
      bench.recorder.add(`folders/${label}/first/files`, 'files/s', first.files);
      bench.recorder.add(`folders/${label}/first/bytes`, 'bytes/s', first.bytes);
      bench.recorder.add(`folders/${label}/again/files`, 'files/s', again.files, { name: 'first', value: first.files });
      bench.recorder.add(`folders/${label}/again/bytes`, 'bytes/s', again.bytes, { name: 'first', value: first.bytes });
    });
    bench.note(`Folders: the ${numFiles} smallest files of src, as far as ${maxBytes} bytes reach.`);
  } finally {
    model.dispose();
  }
}
