import { existsSync, readFileSync, statSync, watch, type FSWatcher } from 'node:fs';
import { rm } from 'node:fs/promises';
import { GantryError } from '#base/error.ts';
import { within } from '#base/within.ts';
import type { ProcessRef } from '#container/model/container-state.ts';
import type { ContainerExit } from '../port.ts';
import { exitsOf, type HostContext } from './host-context.ts';
import { identityOf } from './found-processes.ts';
import { readOomKills } from './linux/cgroup-stats.ts';
import { isAlive, onProcessExit, signalProcess } from './linux/processes.ts';

/** What a program's end by SIGKILL looks like, and all that is known of one whose monitor was killed. */
const KILLED = 137;
/** For attached clients that are slow, after their container has ended. */
const PATIENCE_MS = 2000;
/** For the kernel, which takes apart the mounts of a monitor that has ended: some milliseconds, and some tens under load. */
const LEAVING_MS = 20_000;

interface Watch {
  readonly process: ProcessRef;
  /** Settles when the monitor is gone. */
  readonly gone: Promise<void>;
  readonly stop: () => void;
  isNoted: boolean;
}

/** Who is connected to a container's streams. */
export interface AttachedStreams {
  /** Settles when they have been given everything. */
  drained(id: string): Promise<void>;
  /** Closes the connections to the monitor. */
  abandon(id: string): void;
}

/**
 * Tells of the end of containers. conmon writes the exit code to a file as its last deed, and that file is the news: before
 * conmon itself is gone, the kernel takes its mount namespace apart, for which nobody has to wait but a next run of the same
 * container. Who is attached gets all output before anybody learns of the end. A monitor that ended without the file was killed: its container is ended too, for nobody could tell of it later.
 */
export class Exits {
  readonly #context: HostContext;
  readonly #bundleOf: (id: string) => string;
  readonly #attached: AttachedStreams;
  readonly #patienceMs: number;
  readonly #watched = new Map<string, Watch>();
  /** Monitors that have written their file and are not gone. */
  readonly #leaving = new Map<string, Promise<void>>();
  readonly #early: ContainerExit[] = [];
  #callback: ((exit: ContainerExit) => void) | undefined;
  #notes: FSWatcher | undefined;

  /** @param patienceMs how long after its container's end a monitor may still write to who is attached */
  constructor(context: HostContext, bundleOf: (id: string) => string, attached: AttachedStreams, patienceMs: number = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
    this.#context = context;
    this.#bundleOf = bundleOf;
    this.#attached = attached;
  }

  /** The directory of the files is there. */
  open(): void {
    this.#notes ??= watch(exitsOf(this.#context), { persistent: false }, (_event, name) => {
      if (name !== null) this.#noted(name);
    });
    // Without it the end of the monitors is the news, a little later.
    this.#notes.on('error', () => {});
  }

  onExit(callback: (exit: ContainerExit) => void): void {
    this.#callback = callback;
    for (const exit of this.#early.splice(0)) callback(exit);
  }

  watch(id: string, process: ProcessRef, monitor: ProcessRef | undefined): void {
    this.#watched.get(id)?.stop();
    if (monitor === undefined) {
      queueMicrotask(() => void this.#ended(id, process));
      return;
    }
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const stops = [
      onProcessExit(identityOf(monitor), () => {
        resolve();
        if (this.#watched.get(id)?.gone === gone) void this.#ended(id, process);
      }),
      onProcessExit(identityOf(process), () => this.#hurry(id, gone)),
    ];
    this.#watched.set(id, { process, gone, stop: () => stops.forEach((stop) => stop()), isNoted: false });
    queueMicrotask(() => this.#noted(id));
  }

  /**
   * Settles when the monitor of the container's former run is gone: until then the kernel may still hold its mounts.
   * @throws GantryError unavailable
   */
  async left(id: string): Promise<void> {
    const leaving = this.#leaving.get(id);
    if (leaving === undefined) return;
    await within(this.#context.timers, LEAVING_MS, leaving, () => {
      throw new GantryError('unavailable', `the monitor of the former run of container ${id.slice(0, 12)} does not end`, { hint: 'start it again in a moment' });
    });
  }

  #noted(id: string): void {
    const watched = this.#watched.get(id);
    if (watched === undefined || watched.isNoted || !existsSync(this.#noteOf(id))) return;
    watched.isNoted = true;
    const { gone, process } = watched;
    this.#leaving.set(id, gone);
    void gone.then(() => {
      if (this.#leaving.get(id) === gone) this.#leaving.delete(id);
    });
    void Promise.race([this.#attached.drained(id), gone]).then(() => {
      if (this.#watched.get(id) === watched) void this.#ended(id, process);
    });
  }

  /** A monitor whose container has ended still writes to who is attached; one who takes nothing in must not hold it for ever. */
  #hurry(id: string, gone: Promise<void>): void {
    setTimeout(() => {
      // By then it may be watched for another run.
      if (this.#watched.get(id)?.gone === gone) this.#attached.abandon(id);
    }, this.#patienceMs).unref();
  }

  /** What is known of a run that is over, or never was. */
  async forget(id: string): Promise<void> {
    this.#watched.get(id)?.stop();
    this.#watched.delete(id);
    // Most that start have none, and a look costs a tenth of a trip through the thread pool.
    if (existsSync(this.#noteOf(id))) await rm(this.#noteOf(id), { force: true });
  }

  async #ended(id: string, process: ProcessRef): Promise<void> {
    this.#watched.delete(id);
    if (!existsSync(this.#noteOf(id)) && isAlive(identityOf(process))) {
      signalProcess(identityOf(process), 'SIGKILL');
      await new Promise<void>((resolve) => void onProcessExit(identityOf(process), resolve));
    }
    const exit = this.#read(id);
    if (this.#callback === undefined) this.#early.push(exit);
    else this.#callback(exit);
  }

  #read(id: string): ContainerExit {
    const oomKilled = this.#wasKilledForMemory(id);
    try {
      const exitCode = Number(readFileSync(this.#noteOf(id), 'utf8'));
      const { mtimeNs } = statSync(this.#noteOf(id), { bigint: true });
      return { id, exitCode: Number.isInteger(exitCode) ? exitCode : KILLED, oomKilled, atNs: mtimeNs };
    } catch {
      return { id, exitCode: KILLED, oomKilled, atNs: BigInt(Date.now()) * 1_000_000n };
    }
  }

  /** The group's own count: conmon's note is also written when the group merely goes. */
  #wasKilledForMemory(id: string): boolean {
    const kills = readOomKills(this.#context.cgroups, this.#cgroupOf(id));
    return kills === undefined ? existsSync(`${this.#bundleOf(id)}/oom`) : kills > 0;
  }

  /** Where its bundle says that it is: it may have asked for another parent. */
  #cgroupOf(id: string): string {
    try {
      const { linux } = JSON.parse(readFileSync(`${this.#bundleOf(id)}/config.json`, 'utf8')) as { linux: { cgroupsPath: string } };
      return linux.cgroupsPath;
    } catch {
      return `${this.#context.cgroup}/${id}`;
    }
  }

  #noteOf(id: string): string {
    return `${exitsOf(this.#context)}/${id}`;
  }
}
