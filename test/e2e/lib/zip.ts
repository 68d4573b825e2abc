// Reads the table of contents of a zip file, and single entries. That is all a VSIX needs, and no dependency.
// Layout: APPNOTE.TXT of PKWARE, sections 4.3.12 (central directory) and 4.3.16 (its end).
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endLength = 22;
const stored = 0;

export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** The uncompressed bytes. */
  read(): Buffer;
}

export function zipEntries(file: string): ZipEntry[] {
  const zip = readFileSync(file);
  const end = zip.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]));
  if (end < 0 || end + endLength > zip.length || zip.readUInt32LE(end) !== endSignature) {
    throw new Error(`${file}: expected a zip file, found no central directory`);
  }
  const count = zip.readUInt16LE(end + 10);
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (zip.readUInt32LE(at) !== entrySignature) throw new Error(`${file}: entry ${i} is damaged`);
    const method = zip.readUInt16LE(at + 10);
    const compressedSize = zip.readUInt32LE(at + 20);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset));
    const local = zip.readUInt32LE(at + 42);
    const nameStart = at + 46;
    entries.push({
      name: zip.toString('utf8', nameStart, nameStart + (nameLength ?? 0)),
      size: zip.readUInt32LE(at + 24),
      read() {
        const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
        const bytes = zip.subarray(start, start + compressedSize);
        return method === stored ? Buffer.from(bytes) : inflateRawSync(bytes);
      },
    });
    at = nameStart + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
  }
  return entries;
}
