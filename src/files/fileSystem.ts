// The part of the file system that a walk needs, so that tests can hand in one where files vanish and folders refuse.
import { open, readdir, stat } from 'node:fs/promises';

export type EntryKind = 'file' | 'folder' | 'link' | 'other';

export interface Entry {
  readonly name: string;
  readonly kind: EntryKind;
}

export interface FileSystem {
  list(folder: string): Promise<Entry[]>;
  sizeBytes(file: string): Promise<number>;
  /** At most `maxBytes` of it. */
  read(file: string, maxBytes: number): Promise<Uint8Array>;
}

export const nodeFileSystem: FileSystem = {
  list: async (folder) =>
    (await readdir(folder, { withFileTypes: true })).map((entry) => ({
      name: entry.name,
      kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'link' : 'other',
    })),
  sizeBytes: async (file) => (await stat(file)).size,
  read: async (file, maxBytes) => {
    const handle = await open(file, 'r');
    try {
      let bytes = new Uint8Array(Math.min(maxBytes, (await handle.stat()).size + 1));
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length === maxBytes) return bytes.subarray(0, length);
        if (length === bytes.length) bytes = grown(bytes, Math.min(maxBytes, 2 * length)); // It has grown meanwhile.
      }
    } finally {
      await handle.close();
    }
  },
};

function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length);
  longer.set(bytes);
  return longer;
}
