import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '#base/error.ts';

/** A piece of the tar of a volume: all pieces of one come in order, and before the next volume's. */
export interface VolumePiece {
  /** The name of its directory. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

const TAR = '/bin/tar';
/** Owners by number, and what else a file has: whoever is to read it may not know the names. */
const KEEPING = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '--acls', '--sparse'];
const ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
const LONGEST_COMPLAINT = 2000;
/** tar: some files changed while they were read. */
const CHANGED = 1;

/** The volumes in a directory, each as a tar. Programs may write meanwhile: a file that changes is in it as it was when it was read. */
export async function* packVolumes(directory: string): AsyncGenerator<VolumePiece> {
  const entries = existsSync(directory) ? await readdir(directory, { withFileTypes: true }) : [];
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const child = spawn(TAR, [...KEEPING, '--warning=no-file-changed', '--create', '--file=-', '--directory', join(directory, name), '.'], { env: ENV, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = endOf(child);
    try {
      for await (const bytes of child.stdout) yield { name, bytes: bytes as Buffer };
      const { code, complaint } = await ended;
      if (code !== 0 && code !== CHANGED) throw new GantryError('internal', `volume ${name} can't be packed: ${complaint}`, { subject: name });
    } finally {
      child.kill('SIGKILL');
    }
  }
}

/** Unpacks volumes into a directory, each beside the others. */
export class VolumeUnpacker {
  readonly #directory: string;
  #open: { readonly name: string; readonly child: ChildProcess; readonly ended: Promise<{ readonly code: number; readonly complaint: string }> } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws GantryError invalid for a name that leads elsewhere, or what is no tar */
  async take({ name, bytes }: VolumePiece): Promise<void> {
    if (this.#open?.name !== name) {
      await this.finish();
      if (!/^[A-Za-z0-9][\w.-]*$/.test(name)) throw new GantryError('invalid', `${JSON.stringify(name)} is no name of a volume`);
      const target = join(this.#directory, name);
      await mkdir(target, { recursive: true });
      const child = spawn(TAR, [...KEEPING, '--extract', '--same-permissions', '--same-owner', '--file=-', '--directory', target], { env: ENV, stdio: ['pipe', 'ignore', 'pipe'] });
      this.#open = { name, child, ended: endOf(child) };
      // Its end says why it takes no more.
      child.stdin.on('error', () => {});
    }
    const { stdin } = this.#open?.child ?? {};
    if (stdin?.write(bytes) === false) await Promise.race([once(stdin, 'drain').catch(() => {}), this.#open?.ended]);
  }

  /** The last volume is whole. */
  async finish(): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    this.#open = undefined;
    open.child.stdin?.end();
    const { code, complaint } = await open.ended;
    if (code !== 0) throw new GantryError('invalid', `volume ${open.name} can't be unpacked: ${complaint}`, { subject: open.name });
  }

  /** Nothing of it is wanted any more. */
  async abandon(): Promise<void> {
    this.#open?.child.kill('SIGKILL');
    await this.#open?.ended;
    this.#open = undefined;
  }
}

/** Puts volumes in their places; what was there goes aside. Safe to be done again where it was stopped. */
export async function placeVolumes(from: string, to: string, aside: string): Promise<void> {
  if (!existsSync(from)) return;
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    if (existsSync(join(to, name))) {
      await mkdir(aside, { recursive: true, mode: 0o700 });
      await rm(join(aside, name), { recursive: true, force: true });
      await rename(join(to, name), join(aside, name));
    }
    await rename(join(from, name), join(to, name));
  }
}

function endOf(child: ChildProcess): Promise<{ readonly code: number; readonly complaint: string }> {
  let complaint = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(0, LONGEST_COMPLAINT)));
  return new Promise((resolve) => {
    child.once('error', (thrown) => resolve({ code: -1, complaint: thrown.message }));
    child.once('close', (code) => resolve({ code: code ?? -1, complaint: complaint.trim() }));
  });
}
