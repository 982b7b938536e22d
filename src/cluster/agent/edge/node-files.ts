import { chmodSync, chownSync, mkdirSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { cpus, freemem, totalmem } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GantryError, messageOf } from '#base/error.ts';
import { giveToGroup } from './give-to-group.ts';
import { grpcHealth } from './grpc-health.ts';
import { bytesBelow, readNode } from './node-signals.ts';
import type { NodePort, ProbeOutcome } from '../node-port.ts';
import type { Readings } from '../pressure/thresholds.ts';
import type { DirectoryPlan } from '../volumes.ts';

const DATA = '..data';
/** Of a volume, at about 0.1 ms each. */
const FILES_IN_TURN = 32;
/** Of an answer to a probe only the beginning matters. */
const LARGEST_ANSWER = 10 * 1024;

/** File systems in memory, mounted where all containers see them. */
export interface NodeMounts {
  /** Nothing is done where one is mounted. @param options as mount(8) spells them */
  mountMemory(path: string, options: string): void;
  /** Nothing is done where none is. */
  unmount(path: string): void;
}

export interface NodePlaces {
  /** Volumes of pods. */
  readonly pods: string;
  readonly claimVolumes: string;
  /** Seccomp profiles that pods may name. */
  readonly profiles: string;
  /** A directory of the file system that images are on. */
  readonly images: string;
  readonly mounts: NodeMounts;
}

/** Volumes of pods as directories, and probes over the host's network. */
export class NodeFiles implements NodePort {
  readonly #root: string;
  readonly #claimVolumes: string;
  readonly #profiles: string;
  readonly #images: string;
  readonly #mounts: NodeMounts;
  /** Volumes whose files were given to their group. */
  readonly #given = new Set<string>();
  #versions = 0;

  constructor({ pods, claimVolumes, profiles, images, mounts }: NodePlaces) {
    this.#images = images;
    this.#root = pods;
    this.#claimVolumes = claimVolumes;
    this.#profiles = profiles;
    this.#mounts = mounts;
  }

  async provideVolume(podUid: string, volume: DirectoryPlan): Promise<string> {
    const path = await this.#provide(podUid, volume);
    const key = `${podUid}/${volume.name}`;
    // Files that are shown are given to the group as they are written.
    if (volume.group === undefined || volume.kind === 'files' || this.#given.has(key)) return path;
    await giveToGroup(path, volume.group);
    this.#given.add(key);
    return path;
  }

  async #provide(podUid: string, volume: DirectoryPlan): Promise<string> {
    if (volume.kind === 'host') {
      const made = volume.create ? await mkdir(volume.path, { recursive: true }) : undefined;
      // The process's mask takes bits from what mkdir is asked for.
      if (made !== undefined && volume.mode !== undefined) await chmod(volume.path, volume.mode);
      return volume.path;
    }
    const path = join(this.#root, podUid, volume.name);
    const made = mkdirSync(path, { recursive: true, mode: 0o755 });
    if (volume.kind === 'files') await this.#writeFiles(path, volume.files, volume.group?.gid);
    else if (volume.memory) this.#mounts.mountMemory(path, `mode=777${volume.sizeBytes === undefined ? '' : `,size=${volume.sizeBytes}`}`);
    // The process's mask takes bits from what mkdir is asked for.
    else if (made !== undefined) await chmod(path, 0o777);
    return path;
  }

  /**
   * All files change at once: names lead through a link to the directory that is current (upstream's AtomicWriter). Synchronously, for a trip
   * through the thread pool costs several times what one of these calls does; the loop goes on between a few dozen files.
   */
  async #writeFiles(path: string, files: Extract<DirectoryPlan, { kind: 'files' }>['files'], gid: number | undefined): Promise<void> {
    const old = linkAt(join(path, DATA));
    if (old !== undefined && await isAsPlanned(join(path, old), files)) return;
    this.#versions += 1;
    const version = `..${Date.now()}_${this.#versions}`;
    mkdirSync(join(path, version), { recursive: true });
    let written = 0;
    for (const [name, { bytes, mode }] of files) {
      const target = join(path, version, name);
      if (name.includes('/')) mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, bytes);
      // The process's mask takes bits from the mode of what is made.
      chmodSync(target, mode);
      if (gid !== undefined) chownSync(target, 0, gid);
      if ((written += 1) % FILES_IN_TURN === 0) await nextTurn();
    }
    rmSync(join(path, `${DATA}_tmp`), { force: true });
    symlinkSync(version, join(path, `${DATA}_tmp`));
    renameSync(join(path, `${DATA}_tmp`), join(path, DATA));
    const tops = new Set([...files.keys()].map((name) => name.split('/')[0] ?? ''));
    const present = new Set(readdirSync(path));
    for (const name of present) if (!name.startsWith('..') && !tops.has(name)) rmSync(join(path, name));
    for (const name of tops) if (!present.has(name)) symlinkSync(join(DATA, name), join(path, name));
    if (old !== undefined) await rm(join(path, old), { recursive: true, force: true });
  }

  async removeVolumes(podUid: string): Promise<void> {
    for (const name of await readdir(join(this.#root, podUid)).catch(() => [])) {
      this.#given.delete(`${podUid}/${name}`);
      const path = join(this.#root, podUid, name);
      // What is mounted is on a device of its own.
      if ((await stat(path)).dev !== (await stat(this.#root)).dev) this.#mounts.unmount(path);
    }
    await rm(join(this.#root, podUid), { recursive: true, force: true });
  }

  async seccompProfile(path: string): Promise<string> {
    const where = `the seccomp profile ${JSON.stringify(path)} of this node`;
    if (path === '' || path.startsWith('/') || path.split('/').includes('..')) throw new GantryError('invalid', `${where} is no path below ${this.#profiles}`);
    const text = await readFile(join(this.#profiles, path), 'utf8').catch((cause: unknown) => {
      throw new GantryError('not-found', `${where} can't be read`, { cause, hint: `put it into ${this.#profiles}` });
    });
    try {
      JSON.parse(text);
    } catch (cause) {
      throw new GantryError('invalid', `${where} is no JSON: ${messageOf(cause)}`, { cause });
    }
    return text;
  }

  async terminationFile(podUid: string, name: string): Promise<string> {
    const path = this.#terminationPath(podUid, name);
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(path, '', { flag: 'a' });
    // The process's mask takes bits from the mode of what is made.
    chmodSync(path, 0o666);
    return path;
  }

  async readTermination(podUid: string, name: string, most: number): Promise<Uint8Array> {
    const file = await open(this.#terminationPath(podUid, name)).catch((thrown: NodeJS.ErrnoException) => {
      if (thrown.code !== 'ENOENT') throw thrown;
    });
    if (file === undefined) return new Uint8Array();
    try {
      const { size } = await file.stat();
      const { buffer, bytesRead } = await file.read(new Uint8Array(Math.min(size, most)), 0, Math.min(size, most), Math.max(0, size - most));
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** No volume has such a name. */
  #terminationPath(podUid: string, name: string): string {
    return join(this.#root, podUid, '.termination', name);
  }

  async removeClaimVolume(path: string): Promise<void> {
    if (dirname(path) !== this.#claimVolumes || normalize(path) !== path) throw new GantryError('invalid', `${path} is none of the volumes in ${this.#claimVolumes}, and is not removed`);
    await rm(path, { recursive: true, force: true });
  }

  async podsWithVolumes(): Promise<readonly string[]> {
    return await readdir(this.#root).catch(() => []);
  }

  readings(): Promise<Readings> {
    return readNode(dirname(this.#root), this.#images);
  }

  volumeBytes(podUid: string, volume: string): Promise<number> {
    return bytesBelow(join(this.#root, podUid, volume));
  }

  async machineUsage(): Promise<{ readonly cpuNs: number; readonly memoryBytes: number }> {
    const busyMs = cpus().reduce((total, { times: { user, nice, sys, irq } }) => total + user + nice + sys + irq, 0);
    return { cpuNs: busyMs * 1e6, memoryBytes: totalmem() - freemem() };
  }

  httpGet({ address, port, path, isTls, headers, timeoutMs }: Parameters<NodePort['httpGet']>[0]): Promise<ProbeOutcome> {
    return new Promise((resolve) => {
      const options = { host: address, port, path, timeout: timeoutMs, headers: Object.fromEntries(headers), agent: false as const };
      const request = (isTls ? httpsGet({ ...options, rejectUnauthorized: false }) : httpGet(options)).once('response', (response) => {
        const { statusCode = 0 } = response;
        let size = 0;
        response.on('data', (piece: Buffer) => {
          size += piece.length;
          if (size > LARGEST_ANSWER) request.destroy();
        });
        resolve(statusCode >= 200 && statusCode < 400 ? { ok: true, message: '' } : { ok: false, message: `HTTP probe failed with statuscode: ${statusCode}` });
      });
      request.once('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)));
      request.once('error', (thrown) => resolve({ ok: false, message: thrown.message }));
    });
  }

  grpcHealth(request: Parameters<NodePort['grpcHealth']>[0]): Promise<ProbeOutcome> {
    return grpcHealth(request);
  }

  tcpConnect({ address, port, timeoutMs }: Parameters<NodePort['tcpConnect']>[0]): Promise<ProbeOutcome> {
    return new Promise((resolve) => {
      const socket = connect({ host: address, port, timeout: timeoutMs });
      const end = (outcome: ProbeOutcome): void => {
        socket.destroy();
        resolve(outcome);
      };
      socket.once('connect', () => end({ ok: true, message: '' })).once('timeout', () => end({ ok: false, message: `no answer within ${timeoutMs} ms` })).once('error', (thrown) => end({ ok: false, message: thrown.message }));
    });
  }
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Whether all files are there with their contents and modes, and no others. */
async function isAsPlanned(directory: string, files: Extract<DirectoryPlan, { kind: 'files' }>['files']): Promise<boolean> {
  const present = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  if (present.filter((entry) => !entry.isDirectory()).length !== files.size) return false;
  for (const [name, { bytes, mode }] of files) {
    const path = join(directory, name);
    const [found, status] = await Promise.all([readFile(path), stat(path)]).catch(() => []);
    if (found === undefined || status === undefined || (status.mode & 0o7777) !== mode || !found.equals(bytes)) return false;
  }
  return true;
}
