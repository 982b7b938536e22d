import type { CopiedFile } from '../plan/step.ts';

const BLOCK = 512;

export type TarFile = Omit<CopiedFile, 'content'> & { readonly content: string | Uint8Array };

/** The files as a tar archive (POSIX ustar), with a pax header where a path is too long for one. */
export function tarOf(files: readonly TarFile[]): Uint8Array {
  const parts = files.flatMap((file) => {
    const content = typeof file.content === 'string' ? new TextEncoder().encode(file.content) : file.content;
    const name = file.target.replace(/^\/+/, '');
    const long = new TextEncoder().encode(name).length > 100;
    const pax = long ? paxHeader(name) : [];
    return [...pax, header(long ? 'file' : name, content.length, file, '0'), content, padding(content.length)];
  });
  return joined([...parts, new Uint8Array(2 * BLOCK)]);
}

type Owner = Pick<CopiedFile, 'mode' | 'uid' | 'gid'>;

function header(name: string, size: number, { mode, uid, gid }: Owner, type: string): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(BLOCK);
  const put = (at: number, text: string): void => block.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  put(0, name);
  put(100, octal(mode, 7));
  put(108, octal(uid, 7));
  put(116, octal(gid, 7));
  put(124, octal(size, 11));
  put(136, octal(0, 11));
  put(148, '        ');
  put(156, type);
  put(257, 'ustar\x0000');
  put(148, `${block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `);
  return block;
}

function paxHeader(path: string): Uint8Array<ArrayBuffer>[] {
  const record = ` path=${path}\n`;
  const bytes = new TextEncoder().encode(record).length;
  // The length counts its own digits too.
  let length = bytes + 1;
  while (bytes + String(length).length !== length) length++;
  const content = new TextEncoder().encode(`${length}${record}`);
  return [header('pax', content.length, { mode: 0o644, uid: 0, gid: 0 }, 'x'), content, padding(content.length)];
}

function padding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => {
    all.set(part, at);
    return at + part.length;
  }, 0);
  return all;
}
