// What a person sees of compressing and decompressing, which take minutes for a large file.
import type { CodingOptions } from '../likelihood/compressedFile.ts';
import type { CommandContext } from './command.ts';

/** A terminal is not redrawn more often. */
const redrawMs = 100;

export class CodingProgress implements Pick<CodingOptions, 'onProgress'> {
  readonly onProgress: (doneBytes: number, ofBytes: number) => void;

  constructor(doing: string, { progress, now }: Pick<CommandContext, 'progress' | 'now'>) {
    const begin = now();
    let drawn = Number.NEGATIVE_INFINITY;
    this.onProgress = (doneBytes, ofBytes) => {
      const time = now();
      if (time - drawn < redrawMs) return;
      drawn = time;
      const seconds = (time - begin) / 1000;
      const rate = seconds > 0 ? doneBytes / seconds : 0;
      const left = rate > 0 ? `, ${Math.ceil((ofBytes - doneBytes) / rate)} s left` : '';
      progress(`${doing}: ${doneBytes} of ${ofBytes} bytes, ${Math.round(rate)} bytes/s${left}`);
    };
  }
}
