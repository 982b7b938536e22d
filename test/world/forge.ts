/** An entry of a tar archive as it is to be, however wrong. */
export interface ForgedEntry {
  readonly name: string;
  /** ustar typeflag: 0 file, 1 hard link, 2 symbolic link, 3 character device, 4 block device, 5 directory, 6 FIFO. */
  readonly type?: string;
  readonly data?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly major?: number;
  readonly minor?: number;
  /** Size that the header tells, where it is not the truth. */
  readonly size?: number;
  /** PAX records, put into an extended header ahead of the entry. */
  readonly pax?: Readonly<Record<string, string>>;
}

const BLOCK = 512;

/** POSIX.1-1988 ustar, which every reader knows; nothing is checked. */
function header(entry: ForgedEntry, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => void block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  block.write(entry.name, 0, 100, 'utf8');
  octal(entry.mode ?? (entry.type === '5' ? 0o755 : 0o644), 100, 8);
  octal(entry.uid ?? 0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(' '.repeat(8), 148, 'latin1');
  block.write(entry.type ?? '0', 156, 'latin1');
  block.write(entry.link ?? '', 157, 100, 'utf8');
  block.write('ustar\0' + '00', 257, 'latin1');
  octal(entry.major ?? 0, 329, 8);
  octal(entry.minor ?? 0, 337, 8);
  block.write(`${block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function padded(data: Uint8Array): Buffer {
  return Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)]);
}

function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest) + 1;
  while (String(length).length + Buffer.byteLength(rest) !== length) length += 1;
  return `${length}${rest}`;
}

export function forgeTar(entries: readonly ForgedEntry[], options: { readonly end?: boolean } = {}): Buffer {
  const pieces: Buffer[] = [];
  for (const entry of entries) {
    if (entry.pax !== undefined) {
      const records = Buffer.from(Object.entries(entry.pax).map(([key, value]) => paxRecord(key, value)).join(''));
      pieces.push(header({ name: 'pax', type: 'x' }, records.length), padded(records));
    }
    const data = typeof entry.data === 'string' ? Buffer.from(entry.data) : entry.data ?? Buffer.alloc(0);
    pieces.push(header(entry, entry.size ?? data.length), padded(data));
  }
  if (options.end !== false) pieces.push(Buffer.alloc(2 * BLOCK));
  return Buffer.concat(pieces);
}
