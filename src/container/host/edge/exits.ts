import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
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

/**
 * Tells of the end of containers. conmon writes the exit code to a file and ends; its own end, seen through a pidfd, is the
 * news. A monitor that ended without the file was killed: its container is ended too, for nobody could tell of it later.
 */
export class Exits {
  readonly #context: HostContext;
  readonly #bundleOf: (id: string) => string;
  readonly #abandon: (id: string) => void;
  readonly #watched = new Map<string, () => void>();
  readonly #early: ContainerExit[] = [];
  #callback: ((exit: ContainerExit) => void) | undefined;

  /** @param abandon closes the connections to a monitor's attach socket */
  constructor(context: HostContext, bundleOf: (id: string) => string, abandon: (id: string) => void) {
    this.#context = context;
    this.#bundleOf = bundleOf;
    this.#abandon = abandon;
  }

  onExit(callback: (exit: ContainerExit) => void): void {
    this.#callback = callback;
    for (const exit of this.#early.splice(0)) callback(exit);
  }

  watch(id: string, process: ProcessRef, monitor: ProcessRef | undefined): void {
    this.#watched.get(id)?.();
    const ended = (): void => void this.#ended(id, process);
    if (monitor === undefined) {
      queueMicrotask(ended);
      return;
    }
    const stops = [onProcessExit(identityOf(monitor), ended), onProcessExit(identityOf(process), () => this.#hurry(id))];
    this.#watched.set(id, () => stops.forEach((stop) => stop()));
  }

  /** A monitor whose container has ended still writes to who is attached; one who takes nothing in must not hold it for ever. */
  #hurry(id: string): void {
    setTimeout(() => {
      if (this.#watched.has(id)) this.#abandon(id);
    }, PATIENCE_MS).unref();
  }

  /** The container's own end comes to its monitor first, which may drain output for a while: the file tells. */
  forget(id: string): void {
    this.#watched.get(id)?.();
    this.#watched.delete(id);
    rmSync(this.#noteOf(id), { force: true });
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
