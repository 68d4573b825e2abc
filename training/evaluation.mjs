// The arithmetic of training/evaluate.mjs: what two ways to encode the same files come to, in all and by extension.
import path from 'node:path';
import { gzipSync } from 'node:zlib';

/** As `gzip -9` of the file alone: one member of its own, header and checksum included. */
export function gzipBits(bytes) {
  return gzipSync(bytes, { level: 9 }).length * 8;
}

/** `.ts` of `a/b.test.ts`, in small letters; the whole name where there is no extension, as of `Makefile`. */
export function extensionOf(file) {
  return (path.extname(file) || path.basename(file)).toLowerCase();
}

/** Whether a file is asked for: `extensions` as in `['ts', '.py', 'Makefile']`, undefined for all. */
export function isWanted(file, extensions) {
  if (extensions === undefined) return true;
  const extension = extensionOf(file);
  return extensions.some((wanted) => [wanted.toLowerCase(), `.${wanted.toLowerCase()}`].includes(extension));
}

/**
 * Sums over files `{ path, bytes, modelBits, gzipBits }`: one row per extension, the one with the most bytes first, and at the end
 * `total`. Empty files are left out. `ratio`: how many times smaller the model's encoding is; `better`: in how many files it is smaller.
 */
export function summarize(files) {
  const sums = new Map();
  const total = emptySum('total');
  for (const file of files) {
    if (file.bytes === 0) continue;
    const extension = extensionOf(file.path);
    const sum = sums.get(extension) ?? emptySum(extension);
    sums.set(extension, sum);
    for (const one of [sum, total]) {
      one.files += 1;
      one.bytes += file.bytes;
      one.modelBits += file.modelBits;
      one.gzipBits += file.gzipBits;
      if (file.modelBits < file.gzipBits) one.better += 1;
    }
  }
  const byBytes = (a, b) => b.bytes - a.bytes || (a.extension < b.extension ? -1 : 1);
  return [...[...sums.values()].sort(byBytes), total].map(withRates);
}

function emptySum(extension) {
  return { extension, files: 0, bytes: 0, modelBits: 0, gzipBits: 0, better: 0 };
}

/** Null where there is nothing to divide by. */
function withRates({ extension, files, bytes, modelBits, gzipBits, better }) {
  const rate = (a, b) => (b === 0 ? null : a / b);
  return {
    extension,
    files,
    bytes,
    bitsPerByte: rate(modelBits, bytes),
    gzipBitsPerByte: rate(gzipBits, bytes),
    ratio: rate(gzipBits, modelBits),
    better,
  };
}

const titles = ['extension', 'files', 'bytes', 'bits/byte', 'gzip -9', 'ratio', 'better in'];

/** A Markdown table, as a model card shows it. */
export function formatSummary(rows) {
  const digits = (value, count) => (value === null ? '' : value.toFixed(count));
  const cells = rows.map((row) => [
    row.extension,
    String(row.files),
    String(row.bytes),
    digits(row.bitsPerByte, 3),
    digits(row.gzipBitsPerByte, 3),
    digits(row.ratio, 2),
    row.files === 0 ? '' : `${row.better} (${Math.round((100 * row.better) / row.files)} %)`,
  ]);
  const widths = titles.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i].length)));
  const pad = (cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]));
  const line = (row) => `| ${row.map(pad).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(titles), line(rule), ...cells.map(line)].join('\n');
}
