// What many round trips come to: sizes beside the sums of the bits and beside other compressors, and how fast it went.

export interface RoundTrip {
  readonly path: string;
  readonly bytes: number;
  readonly compressedBytes: number;
  readonly headerBytes: number;
  readonly symbols: number;
  /** As they are shown. */
  readonly bits: number;
  readonly identical: boolean;
  readonly compressMs: number;
  readonly decompressMs: number;
  readonly gzipBytes: number;
  /** Null where there is no xz. */
  readonly xzBytes: number | null;
}

export interface Totals {
  readonly files: number;
  readonly identical: number;
  readonly bytes: number;
  readonly symbols: number;
  /** Without headers. */
  readonly codeBytes: number;
  readonly headerBytes: number;
  readonly largestHeader: number;
  readonly bits: number;
  /** Of the code of a file and an eighth of its bits: the least and the most. */
  readonly leastExcess: number;
  readonly mostExcess: number;
  readonly gzipBytes: number;
  readonly xzBytes: number | null;
  readonly compressBytesPerSecond: number;
  readonly decompressBytesPerSecond: number;
  readonly symbolsPerSecond: number;
}

export function totalsOf(trips: readonly RoundTrip[]): Totals {
  const sum = (of: (trip: RoundTrip) => number) => trips.reduce((total, trip) => total + of(trip), 0);
  const codeOf = ({ compressedBytes, headerBytes }: RoundTrip) => compressedBytes - headerBytes;
  const excess = trips.map((trip) => codeOf(trip) - trip.bits / 8);
  const bytes = sum((trip) => trip.bytes);
  const symbols = sum((trip) => trip.symbols);
  const seconds = {
    compress: sum((trip) => trip.compressMs) / 1000,
    decompress: sum((trip) => trip.decompressMs) / 1000,
  };
  return {
    files: trips.length,
    identical: trips.filter((trip) => trip.identical).length,
    bytes,
    symbols,
    codeBytes: sum(codeOf),
    headerBytes: sum((trip) => trip.headerBytes),
    largestHeader: Math.max(0, ...trips.map((trip) => trip.headerBytes)),
    bits: sum((trip) => trip.bits),
    leastExcess: Math.min(...excess),
    mostExcess: Math.max(...excess),
    gzipBytes: sum((trip) => trip.gzipBytes),
    xzBytes: trips.some((trip) => trip.xzBytes === null) ? null : sum((trip) => trip.xzBytes ?? 0),
    compressBytesPerSecond: bytes / seconds.compress,
    decompressBytesPerSecond: bytes / seconds.decompress,
    symbolsPerSecond: symbols / seconds.compress,
  };
}

export function tableOf(totals: Totals): string {
  const share = (bytes: number) => `${Math.round(bytes)} (${((100 * bytes) / totals.bytes).toFixed(1)} %)`;
  const rows: readonly (readonly [string, string])[] = [
    ['files that came back byte for byte', `${totals.identical} of ${totals.files}`],
    ['bytes', String(totals.bytes)],
    ['compressed, without headers', share(totals.codeBytes)],
    ['sum of the shown bits / 8', share(totals.bits / 8)],
    ['of one file, code less bits / 8', `${totals.leastExcess.toFixed(3)} to ${totals.mostExcess.toFixed(3)} bytes`],
    ['headers', `${totals.headerBytes}, at most ${totals.largestHeader} each`],
    ['gzip -9, file by file', share(totals.gzipBytes)],
    ['xz -9e, file by file', totals.xzBytes === null ? 'there is no xz here' : share(totals.xzBytes)],
    [
      'compressing',
      `${totals.compressBytesPerSecond.toFixed(0)} bytes/s, ${totals.symbolsPerSecond.toFixed(0)} symbols/s`,
    ],
    ['decompressing', `${totals.decompressBytesPerSecond.toFixed(0)} bytes/s`],
  ];
  return ['| round trips | |', '| --- | --- |', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}
