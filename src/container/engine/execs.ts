import type { JsonObject } from '#base/json.ts';
import { GantryError, messageOf } from '#base/error.ts';
import { within } from '#base/within.ts';
import type { ContainerIo } from '#container/host/io.ts';
import type { Container } from '#container/model/container.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import type { Exec, ExecSpec } from '#container/model/exec.ts';
import { LONGEST_OUTPUT } from '#container/model/health.ts';
import type { Probe } from '#container/model/probe.ts';
import { formatGoDuration } from './go-duration.ts';
import { newId, type ContainerId, type ExecId } from '#container/model/ids.ts';
import { emitContainer } from './container-events.ts';
import type { ContainerTable } from './container-table.ts';
import type { EventLog } from './event-log.ts';
import { BoundedOutput } from './bounded-output.ts';
import type { ExecRequest, ExecsPort } from './port.ts';
import type { EnginePorts } from './ports.ts';
import { cgroupOf } from './layout.ts';
import { presentLinkEnv } from './links.ts';
import { ociProcess } from './runtime-spec/build.ts';
import type { ResolvedUser } from './runtime-spec/user.ts';
import { mergeEnv } from './runtime-spec/env.ts';
import { startError } from './start-error.ts';
import type { StartPreparation } from './start-preparation.ts';

/** After a kill, a process that still does not end is in the kernel's hands. */
const KILL_PATIENCE_MS = 5000;
const SIGKILL = 9;
/** For output that something holds open which the probe left behind. */
const OUTPUT_PATIENCE_MS = 1000;

/** Execs that have ended are kept for an inspect this long, as Docker does. */
const KEPT_AFTER_END_MS = 5 * 60_000;

/** Further processes in running containers. They live in memory: a daemon that comes back no longer knows them. */
export class Execs implements ExecsPort {
  readonly #ports: EnginePorts;
  readonly #table: ContainerTable;
  readonly #preparation: StartPreparation;
  readonly #events: EventLog;
  readonly #rows = new Map<string, Exec>();

  constructor(ports: EnginePorts, table: ContainerTable, preparation: StartPreparation, events: EventLog) {
    this.#ports = ports;
    this.#table = table;
    this.#preparation = preparation;
    this.#events = events;
  }

  find(id: string): Exec {
    const matches = this.#rows.has(id) ? [id] : [...this.#rows.keys()].filter((key) => id.length >= 12 && key.startsWith(id));
    const row = matches.length === 1 ? this.#rows.get(matches[0] ?? '') : undefined;
    if (row === undefined) throw new GantryError('not-found', `No such exec instance: ${id}`);
    return row;
  }

  ofContainer(id: ContainerId): readonly ExecId[] {
    return [...this.#rows.values()].filter(({ spec, state }) => spec.container === id && state.phase !== 'exited').map(({ spec }) => spec.id);
  }

  async create(container: string, request: ExecRequest): Promise<ExecId> {
    const target = this.#running(container);
    if (request.args.length === 0) throw new GantryError('invalid', 'No exec command specified');
    this.#ports.host.expectStart();
    if (request.user !== '') await this.#resolveUser(target.spec, request.user);
    const spec: ExecSpec = { ...request, id: newId<ExecId>(this.#ports.random), container: target.spec.id };
    this.#rows.set(spec.id, { spec, state: { phase: 'created' } });
    emitContainer(this.#events, target, `exec_create: ${commandOf(spec)}`, { execID: spec.id });
    return spec.id;
  }

  async start(id: string, options: { attached: boolean }): Promise<{ io: ContainerIo | undefined; done: Promise<number> }> {
    const { spec, state } = this.find(id);
    if (state.phase !== 'created') throw new GantryError('conflict', state.phase === 'running' ? `Error: Exec command ${spec.id} is already running` : `exec command ${spec.id} has already run`);
    const target = this.#running(spec.container);
    this.#ports.host.expectStart();
    this.#rows.set(spec.id, { spec, state: { phase: 'running' } });
    emitContainer(this.#events, target, `exec_start: ${commandOf(spec)}`, { execID: spec.id });
    try {
      const started = await this.#ports.host.exec({
        id: spec.id, container: spec.container, directory: `${this.#ports.layout.run}/execs/${spec.id}`, terminal: spec.terminal,
        stdin: spec.attachStdin, attached: options.attached, processJson: JSON.stringify(await this.#process(spec, target.spec)),
      });
      this.#rows.set(spec.id, { spec, state: { phase: 'running', process: started.process } });
      const done = started.exitCode.then((exitCode) => this.#ended(spec, target, exitCode));
      return { io: started.io === undefined ? undefined : endingAfter(started.io, done), done };
    } catch (thrown) {
      const error = startError(thrown, spec.args[0] ?? '');
      const exitCode = /permission denied|is a directory|format error/.test(error.message) ? 126 : 127;
      // No event: a program that never ran did not die.
      this.#rows.set(spec.id, { spec, state: { phase: 'exited', exitCode } });
      this.#ports.timers.after(KEPT_AFTER_END_MS, () => this.#rows.delete(spec.id));
      throw new GantryError(error.kind, messageOf(error).replace(/^failed to create task for container: failed to create shim task: OCI runtime create failed: crun create failed: unable to start container process: error during container init/, 'OCI runtime exec failed: exec failed: unable to start container process'), { cause: thrown });
    }
  }

  /** Runs a probe to its end, or kills it when its time is up. Failures are results too. */
  async probe(container: string, { command, timeoutMs }: Probe): Promise<{ exitCode: number; output: string }> {
    const args = command.kind === 'exec' ? command.words : ['/bin/sh', '-c', ...command.words];
    let id: ExecId | undefined;
    let streams: ContainerIo | undefined;
    try {
      id = await this.create(container, { args, env: [], cwd: '', user: '', terminal: false, attachStdin: false, attachStdout: true, attachStderr: true, privileged: false, detachKeys: '', front: {} });
      const { io, done } = await this.start(id, { attached: true });
      streams = io;
      const output = new BoundedOutput(LONGEST_OUTPUT);
      io?.onOutput((_stream, bytes) => output.add(bytes));
      const drained = new Promise<number>((resolve) => (io === undefined ? resolve(0) : io.onEnd(() => resolve(0))));
      const ended = await this.#within(timeoutMs, done);
      // The exit code and the last of the output come by different ways.
      if (ended !== undefined) await this.#within(OUTPUT_PATIENCE_MS, drained);
      if (ended !== undefined) return { exitCode: ended, output: output.text() };
      await this.kill(id, SIGKILL);
      await this.#within(KILL_PATIENCE_MS, done);
      return { exitCode: -1, output: `Health check exceeded timeout (${formatGoDuration(timeoutMs)})` };
    } catch (thrown) {
      return { exitCode: -1, output: messageOf(thrown) };
    } finally {
      streams?.close();
      if (id !== undefined) this.#rows.delete(id);
    }
  }

  /** Signals the exec's process; SIGKILL goes to all of its process group, for nobody else would end those. @throws GantryError conflict where it doesn't run */
  async kill(id: string, signal: number): Promise<void> {
    const { spec, state } = this.find(id);
    if (state.phase !== 'running' || state.process === undefined) throw new GantryError('conflict', `cannot kill exec ${spec.id}: it is not running`);
    const container = this.#table.get(spec.container);
    if (signal === SIGKILL && container !== undefined) this.#ports.host.signalGroup(state.process, cgroupOf(this.#ports.layout, container.spec), signal);
    else this.#ports.host.signal(state.process, signal);
  }

  /** Somebody who was attached left by the keys, and the exec goes on. */
  detached(id: string): void {
    const { spec } = this.find(id);
    const container = this.#table.get(spec.container);
    if (container !== undefined) emitContainer(this.#events, container, 'exec_detach', { execID: spec.id });
  }

  async #within(limitMs: number, done: Promise<number>): Promise<number | undefined> {
    return await within<number | undefined>(this.#ports.timers, limitMs, done, () => undefined);
  }

  async resize(id: string, rows: number, columns: number): Promise<void> {
    const { spec, state } = this.find(id);
    if (state.phase !== 'running') throw new GantryError('conflict', `cannot resize exec ${id}: it is not running`);
    await this.#ports.host.resize(`${this.#ports.layout.run}/execs/${spec.id}`, rows, columns);
  }

  async #resolveUser(spec: ContainerSpec, user: string): Promise<ResolvedUser> {
    const overlay = await this.#preparation.overlayOf(spec);
    return await this.#preparation.resolveUser(spec, [overlay.upper, ...overlay.lower], user);
  }

  #running(reference: string): Container {
    const container = this.#table.find(reference);
    const { phase } = container.state;
    if (phase === 'paused') throw new GantryError('conflict', `Container ${reference} is paused, unpause the container before exec`);
    if (phase === 'restarting') throw new GantryError('conflict', `Container ${container.spec.id} is restarting, wait until the container is running`);
    if (phase !== 'running') throw new GantryError('conflict', `container ${container.spec.id} is not running`);
    return container;
  }

  async #process(exec: ExecSpec, container: ContainerSpec): Promise<JsonObject> {
    const spec: ContainerSpec = {
      ...container,
      security: { ...container.security, privileged: container.security.privileged || exec.privileged },
      process: {
        ...container.process, args: exec.args, terminal: exec.terminal, cwd: exec.cwd === '' ? container.process.cwd : exec.cwd,
        env: [...presentLinkEnv(container, (reference) => this.#table.find(reference)), ...mergeEnv(container.process.env, exec.env)], user: exec.user === '' ? container.process.user : exec.user,
      },
    };
    const user = await this.#resolveUser(spec, spec.process.user);
    return ociProcess(spec, user, this.#ports.host.facts.capabilityBits);
  }

  #ended(spec: ExecSpec, container: Container, exitCode: number): number {
    const process = this.#rows.get(spec.id)?.state.process;
    this.#rows.set(spec.id, { spec, state: { phase: 'exited', exitCode, ...(process === undefined ? {} : { process }) } });
    emitContainer(this.#events, container, 'exec_die', { execID: spec.id, exitCode: String(exitCode) });
    this.#ports.timers.after(KEPT_AFTER_END_MS, () => this.#rows.delete(spec.id));
    return exitCode;
  }
}

/** As Docker writes it into an action: program, space, arguments. */
function commandOf({ args }: ExecSpec): string {
  return `${args[0] ?? ''} ${args.slice(1).join(' ')}`;
}

/** A client asks for the exit code when its stream ends: by then it must be known. */
function endingAfter(io: ContainerIo, done: Promise<number>): ContainerIo {
  return { ...io, onEnd: (callback) => io.onEnd(() => void done.finally(callback)) };
}
