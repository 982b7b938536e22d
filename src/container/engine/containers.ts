import type { Cancellation } from '#base/cancellation.ts';
import { GantryError, isKind, messageOf } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { within } from '#base/within.ts';
import type { LogBatches } from '#container/host/log.ts';
import type { ContainerUsage } from '#container/host/usage.ts';
import { advance, FRESH_STATE, isLive } from '#container/model/container-state.ts';
import type { Container } from '#container/model/container.ts';
import { whyOf, type Reason } from '#container/model/why.ts';
import { newId, type ContainerId } from '#container/model/ids.ts';
import { emitContainer } from './container-events.ts';
import { resolveBlockDevices } from './devices.ts';
import { generatedName } from './generated-name.ts';
import { bundleOf, cgroupOf, keptOf, logPathOf } from './layout.ts';
import type { ContainerLife, LifeParts } from './life.ts';
import { withoutLink, withoutLinkHost } from './links.ts';
import { ociLimits } from './runtime-spec/resources.ts';
import type { Attachment, AttachOptions, ContainersPort, ContainerUpdate, CreateRequest, LogOptions, WaitCondition, WaitResult } from './port.ts';
import { signalName, signalNumber } from './signal.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
/** Bytes a client may ask of the monitor's resize channel: larger numbers are nonsense, and refused. */
const LARGEST_SCREEN = 65_535;
const LARGEST_HOSTS = 65_536;
/** hostname(7) */
const LONGEST_HOSTNAME = 64;
/** Docker's patience with a container that is killed. */
const KILLED_MS = 10_000;

export class Containers implements ContainersPort {
  readonly #parts: LifeParts;
  readonly #life: ContainerLife;

  constructor(parts: LifeParts, life: ContainerLife) {
    this.#parts = parts;
    this.#life = life;
  }

  list(): readonly Container[] {
    return this.#parts.table.list().filter(({ spec, state }) => state.phase !== 'creating' && spec.owner.front !== 'build');
  }

  /** Commands of builds, which no list shows. */
  ofBuilds(): readonly ContainerId[] {
    return this.#parts.table.list().filter(({ spec }) => spec.owner.front === 'build').map(({ spec }) => spec.id);
  }

  find(reference: string): Container {
    return this.#parts.table.find(reference);
  }

  async create(request: CreateRequest): Promise<{ id: ContainerId; warnings: readonly string[] }> {
    const { table, ports, events, volumes, preparation } = this.#parts;
    if (request.name !== '' && !NAME.test(request.name)) {
      throw new GantryError('invalid', `Invalid container name (${request.name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
    }
    ports.host.expectStart();
    const id = newId<ContainerId>(ports.random);
    const name = request.name === '' ? generatedName(ports.random, (taken) => table.idOfName(taken) !== undefined) : request.name;
    const hostname = request.sandbox.hostname === '' ? this.#hostnameFor(request, id) : request.sandbox.hostname;
    const container: Container = {
      spec: { ...request, id, name, createdNs: String(ports.clock.nowNs()), sandbox: { ...request.sandbox, hostname } },
      state: FRESH_STATE,
    };
    table.reserve(container);
    try {
      this.#checkSandbox(request);
      await preparation.provideSources(request.mounts);
      table.note(id, { kind: 'created' });
      await table.put(container);
      const overlay = await preparation.makeFiles(container.spec);
      await ports.host['make-directory']({ kind: 'make-directory', path: keptOf(ports.layout, id), mode: 0o700, cause: 'create' });
      await volumes.provide(request.mounts.filter((mount) => mount.kind === 'volume'), overlay.lower);
      await table.put({ spec: container.spec, state: advance(FRESH_STATE, 'created') });
    } catch (thrown) {
      await this.undoCreate(container).catch((failure: unknown) => ports.log(`create of ${name}: left behind: ${messageOf(failure)}`));
      throw thrown;
    }
    emitContainer(events, container, 'create');
    return { id, warnings: [] };
  }

  /** A container that was never acknowledged goes with all that was made for it. */
  async undoCreate(container: Container): Promise<void> {
    const { table, ports, volumes } = this.#parts;
    const { id } = container.spec;
    await ports.snapshots.discard(id);
    await ports.host['remove-tree']({ kind: 'remove-tree', path: keptOf(ports.layout, id), cause: 'its creation did not come to its end' });
    await volumes.removeAnonymous(container);
    await table.delete(id).catch((thrown: unknown) => {
      // The row may never have been written.
      if (!isKind(thrown, 'not-found')) throw thrown;
      table.forget(id);
    });
  }

  async start(reference: string): Promise<void> {
    const { lock, ports } = this.#parts;
    const { id } = this.find(reference).spec;
    ports.host.expectStart();
    await lock.run(id, async () => {
      const { phase } = this.find(id).state;
      if (phase === 'running') throw new GantryError('not-modified', 'container already started');
      if (phase === 'paused') throw new GantryError('conflict', 'cannot start a paused container, try unpause instead');
      if (phase === 'removing' || phase === 'dead') throw new GantryError('conflict', 'container is marked for removal and cannot be started');
      await this.#life.start(id, 'request');
    });
  }

  async stop(reference: string, options: { signal?: string; timeoutSeconds?: number }, cause = 'request'): Promise<void> {
    const container = await this.#settled(reference);
    if (container.state.phase === 'restarting') return await this.#stopRestarting(container.spec.id, cause);
    if (!isLive(container.state.phase)) throw new GantryError('not-modified', 'container already stopped');
    await this.#stopLive(container, options, cause);
    emitContainer(this.#parts.events, container, 'stop');
  }

  async restart(reference: string, options: { signal?: string; timeoutSeconds?: number }, cause = 'request'): Promise<void> {
    const container = await this.#settled(reference);
    if (isLive(container.state.phase)) {
      await this.#stopLive(container, options, cause);
      emitContainer(this.#parts.events, container, 'stop');
    }
    await this.#parts.lock.run(container.spec.id, () => this.#life.start(container.spec.id, cause));
    emitContainer(this.#parts.events, container, 'restart');
  }

  async kill(reference: string, signal: string): Promise<void> {
    const container = await this.#settled(reference);
    const number = signalNumber(signal === '' ? 'SIGKILL' : signal);
    if (!isLive(container.state.phase)) {
      throw new GantryError('conflict', `cannot kill container: ${reference}: container ${container.spec.id} is not running`);
    }
    const kills = signalName(number) === 'SIGKILL';
    // A container that a person kills does not come back by its restart policy, as in Docker.
    if (kills) await this.#markStopped(container.spec.id);
    if (!isLive(this.find(container.spec.id).state.phase)) return;
    const ended = kills ? this.#parts.waiters.wait(container.spec.id, 'next-exit') : undefined;
    this.#parts.table.note(container.spec.id, { kind: 'kill', by: 'request', signal: signalName(number) });
    this.#signal(container, number);
    emitContainer(this.#parts.events, container, 'kill', { signal: String(number) });
    if (ended === undefined) return;
    // What is frozen dies when it thaws.
    if (container.state.phase === 'paused') await this.#parts.ports.host.resume(container.spec.id);
    await within<unknown>(this.#parts.ports.timers, KILLED_MS, ended, () => {
      throw new GantryError('internal', `container ${container.spec.id} was killed, and has not ended`, { hint: 'a process that waits for a device or a network file system ends when that answers' });
    });
    await this.#parts.lock.run(container.spec.id, async () => {});
  }

  async pause(reference: string): Promise<void> {
    const { ports, table, lock, events } = this.#parts;
    const { id } = this.find(reference).spec;
    await lock.run(id, async () => {
      const { state } = this.find(id);
      if (state.phase === 'paused') throw new GantryError('conflict', `Container ${id} is already paused`);
      if (state.phase !== 'running') throw new GantryError('conflict', `container ${id} is not running`);
      await table.putState(id, { ...state, freezing: true });
      await ports.host.pause(id).catch((thrown: unknown) => {
        throw state.process === undefined || ports.host.isAlive(state.process) ? thrown : new GantryError('conflict', `container ${id} is not running`);
      });
      table.note(id, { kind: 'paused', by: 'request' });
      emitContainer(events, await table.putState(id, advance(state, 'paused', { freezing: false })), 'pause');
    });
  }

  async unpause(reference: string): Promise<void> {
    const { ports, table, lock, events } = this.#parts;
    const { id } = this.find(reference).spec;
    await lock.run(id, async () => {
      const { state } = this.find(id);
      if (state.phase !== 'paused') throw new GantryError('conflict', `Container ${id} is not paused`);
      // A daemon that ends in between leaves one that should run, which the next lets go on.
      await table.putState(id, advance(state, 'running', { freezing: true }));
      await ports.host.resume(id);
      table.note(id, { kind: 'unpaused', by: 'request' });
      emitContainer(events, await table.putState(id, { ...this.find(id).state, freezing: false }), 'unpause');
    });
  }

  async rename(reference: string, name: string): Promise<void> {
    const { table, lock, events } = this.#parts;
    if (!NAME.test(name)) throw new GantryError('invalid', `Error when allocating new name: Invalid container name (/${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
    const { id } = this.find(reference).spec;
    await lock.run(id, async () => {
      const container = this.find(id);
      if (container.spec.name === name) throw new GantryError('invalid', 'Renaming a container with the same name as its current name');
      table.assertNameFree(name);
      const renamed = await table.put({ spec: { ...container.spec, name }, state: container.state });
      emitContainer(events, renamed, 'rename', { oldName: `/${container.spec.name}` });
    });
  }

  async unlink(reference: string, alias: string, front: JsonObject): Promise<void> {
    const { ports, table, lock } = this.#parts;
    const { id } = this.find(reference).spec;
    await lock.run(id, async () => {
      const { spec, state } = this.find(id);
      const unlinked = withoutLink(spec, alias);
      if (unlinked === undefined) throw new GantryError('not-found', `No such container: ${spec.name}/${alias}`, { hint: `docker inspect -f '{{.HostConfig.Links}}' ${spec.name} prints its links` });
      await table.put({ spec: { ...unlinked, front }, state });
      const path = `${keptOf(ports.layout, id)}/hosts`;
      const hosts = isLive(state.phase) ? await ports.host.readHostFile(path, LARGEST_HOSTS) : undefined;
      if (hosts !== undefined) await ports.host['write-files']({ kind: 'write-files', files: [{ path, text: withoutLinkHost(hosts, alias), mode: 0o644 }], cause: 'a link of it was removed' });
    });
  }

  async update(reference: string, { resources, restart, front }: ContainerUpdate): Promise<void> {
    const { ports, table, lock, events } = this.#parts;
    const { id } = this.find(reference).spec;
    await lock.run(id, async () => {
      const before = this.find(id);
      const { phase } = before.state;
      if (phase === 'removing' || phase === 'dead') throw new GantryError('conflict', `Cannot update container ${id}: container is marked for removal and cannot be "update"`);
      const spec = { ...before.spec, resources, restart, front };
      const updated = await table.put({ spec, state: before.state });
      try {
        if (isLive(phase)) {
          const json = JSON.stringify(ociLimits(resources, await resolveBlockDevices(ports.host, resources)));
          await ports.host.limit(id, cgroupOf(ports.layout, spec), { json, unboundedPids: resources.pidsLimit === -1 });
        }
      } catch (cause) {
        await table.put({ spec: before.spec, state: this.find(id).state });
        throw new GantryError('internal', `Cannot update container ${id}: ${messageOf(cause)}`, { cause });
      }
      emitContainer(events, updated, 'update');
    });
  }

  async remove(reference: string, options: { force: boolean; volumes: boolean }): Promise<void> {
    const { lock, table } = this.#parts;
    const container = await this.#settled(reference);
    const { id } = container.spec;
    const { phase } = container.state;
    if ((isLive(phase) || phase === 'restarting') && !options.force) {
      throw new GantryError('conflict', `cannot remove container "${container.spec.name}": container is ${phase === 'paused' ? 'paused and must be unpaused first' : `${phase}: stop the container before removing or force remove`}`);
    }
    for (let isGone = false; !isGone;) {
      // A restart policy may be faster.
      const { state } = table.get(id) ?? container;
      if (isLive(state.phase)) await this.#stopLive({ ...container, state }, { signal: 'SIGKILL', timeoutSeconds: 0 });
      isGone = await lock.run(id, async () => {
        if (table.get(id) === undefined) return true;
        if (isLive(this.find(id).state.phase)) {
          if (options.force) return false;
          throw new GantryError('conflict', `cannot remove container "${container.spec.name}": it was started again meanwhile`);
        }
        await this.#life.remove(id, { volumes: options.volumes });
        return true;
      });
    }
  }

  wait(reference: string, condition: WaitCondition, cancellation?: Cancellation): Promise<WaitResult> {
    const { state, spec } = this.find(reference);
    if (condition === 'not-running' && !isLive(state.phase) && state.phase !== 'restarting' && state.phase !== 'starting') {
      return Promise.resolve({ exitCode: state.exitCode });
    }
    return this.#parts.waiters.wait(spec.id, condition, cancellation);
  }

  attach(reference: string, options: AttachOptions): Attachment {
    const { ports, attachments, events } = this.#parts;
    const container = this.find(reference);
    const { spec, state } = container;
    emitContainer(events, container, 'attach');
    if (!isLive(state.phase)) return attachments.add(spec.id, options.stdin);
    const io = ports.host.attach(bundleOf(ports.layout, spec.id), { stdin: options.stdin, endsInput: spec.process.stdin.once });
    return { io, close: () => void io.then((opened) => opened.close(), () => {}) };
  }

  detached(reference: string): void {
    emitContainer(this.#parts.events, this.find(reference), 'detach');
  }

  async resize(reference: string, rows: number, columns: number): Promise<void> {
    const { ports } = this.#parts;
    const { spec, state } = this.find(reference);
    if (!isLive(state.phase)) throw new GantryError('conflict', `cannot resize a stopped container: container ${spec.id} is not running`);
    if (rows > LARGEST_SCREEN || columns > LARGEST_SCREEN) throw new GantryError('invalid', `a terminal of ${rows} rows and ${columns} columns is too large`);
    await ports.host.resize(bundleOf(ports.layout, spec.id), rows, columns);
    emitContainer(this.#parts.events, this.find(spec.id), 'resize', { height: String(rows), width: String(columns) });
  }

  logs(reference: string, options: LogOptions): LogBatches {
    const { ports, table } = this.#parts;
    const { spec } = this.find(reference);
    if (spec.logging.driver === 'none' || spec.logging.isUnreadable === true) throw new GantryError('unimplemented', 'configured logging driver does not support reading');
    const isLiveNow = (): boolean => {
      const row = table.get(spec.id);
      return row !== undefined && (isLive(row.state.phase) || row.state.phase === 'restarting' || row.state.phase === 'starting');
    };
    return ports.host.readLog(logPathOf(ports.layout, spec.id), { ...options, isLive: isLiveNow });
  }

  async top(reference: string, psArguments: string): Promise<{ titles: string[]; rows: string[][] }> {
    const { ports } = this.#parts;
    const { spec, state } = this.find(reference);
    if (!isLive(state.phase)) throw new GantryError('conflict', `container ${spec.id} is not running`);
    emitContainer(this.#parts.events, this.find(spec.id), 'top');
    return await ports.host.processTable(spec.id, cgroupOf(ports.layout, spec), psArguments);
  }

  async usage(reference: string): Promise<ContainerUsage | undefined> {
    const { ports, table } = this.#parts;
    const { spec, state } = this.find(reference);
    if (!isLive(state.phase) || state.process === undefined) return undefined;
    const { network } = spec.sandbox;
    const shown = network.kind === 'container' ? table.get(network.id)?.state.process : network.kind === 'host' ? undefined : state.process;
    return await ports.host.usage({ cgroup: cgroupOf(ports.layout, spec), ...(shown === undefined ? {} : { networkOf: shown }) });
  }

  why(reference: string): readonly Reason[] {
    const { table } = this.#parts;
    return whyOf(table.chronicle(this.find(reference).spec.id));
  }

  async sizeOf(reference: string): Promise<number> {
    return (await this.#parts.ports.snapshots.usage(this.find(reference).spec.id)).bytes;
  }

  /** A start that is under way comes to its end first: what is asked is meant for what becomes of it. */
  async #settled(reference: string): Promise<Container> {
    const container = this.find(reference);
    if (container.state.phase !== 'starting') return container;
    await this.#parts.lock.run(container.spec.id, async () => {});
    return this.find(container.spec.id);
  }

  /** One that waits for its next start rests from here on; who waited for its end has it. */
  async #stopRestarting(id: ContainerId, cause: string): Promise<void> {
    const { lock, table, events, waiters } = this.#parts;
    this.#life.cancelRestart(id);
    await lock.run(id, async () => {
      const row = table.get(id);
      if (row?.state.phase !== 'restarting') return;
      table.note(id, { kind: 'called-off', by: cause });
      const rests = await table.putState(id, advance(row.state, 'exited', { stoppedByRequest: true }));
      await this.#life.releasePorts(id);
      emitContainer(events, rests, 'stop');
      waiters.settle(id, ['not-running', 'next-exit'], { exitCode: row.state.exitCode });
    });
  }

  async #stopLive(container: Container, options: { signal?: string; timeoutSeconds?: number }, cause = 'request'): Promise<void> {
    const { waiters, ports, lock } = this.#parts;
    const { spec } = container;
    await this.#markStopped(spec.id);
    const ended = waiters.wait(spec.id, 'next-exit');
    if (!isLive(this.find(spec.id).state.phase)) return;
    const seconds = options.timeoutSeconds ?? spec.stop.timeoutSeconds;
    const signal = signalNumber(options.signal ?? spec.stop.signal);
    if (container.state.phase === 'paused') await ports.host.resume(spec.id);
    this.#parts.table.note(spec.id, seconds === 0 || signalName(signal) === 'SIGKILL' ? { kind: 'kill', by: cause, signal: signalName(signal) } : { kind: 'stop', by: cause, signal: signalName(signal), timeoutSeconds: seconds });
    this.#signal(container, signal);
    emitContainer(this.#parts.events, container, 'kill', { signal: String(signal) });
    const cancel = seconds < 0 || signalName(signal) === 'SIGKILL' ? () => {} : ports.timers.after(seconds * 1000, () => {
      this.#parts.table.note(spec.id, { kind: 'kill', by: 'stop timeout', signal: 'SIGKILL' });
      this.#signal(container, signalNumber('SIGKILL'));
      emitContainer(this.#parts.events, container, 'kill', { signal: '9' });
    });
    await ended;
    cancel();
    // The end is told before the kernel is cleared; a caller that goes on to remove or start comes after that.
    await lock.run(spec.id, async () => {});
  }

  #signal(container: Container, signal: number): void {
    const { process } = this.find(container.spec.id).state;
    if (process !== undefined) this.#parts.ports.host.signal(process, signal);
  }

  async #markStopped(id: ContainerId): Promise<void> {
    const { lock, table } = this.#parts;
    await lock.run(id, async () => {
      const row = table.get(id);
      if (row !== undefined && row.spec.restart.kind !== 'no') await table.putState(id, { ...row.state, stoppedByRequest: true });
    });
  }

  #hostnameFor(request: CreateRequest, id: ContainerId): string {
    const { network, uts } = request.sandbox;
    if (network.kind === 'host' || uts.kind === 'host') return this.#parts.ports.host.facts.hostname;
    if (network.kind === 'container') return this.find(network.id).spec.sandbox.hostname;
    return id.slice(0, 12);
  }

  /** A network that isn't there is told at the start, as Docker does: it may be made until then. */
  #checkSandbox(request: CreateRequest): void {
    const { network, hostname, domainname } = request.sandbox;
    // It becomes a line of /etc/hosts.
    if (/[\s/\0-\x1f]/.test(hostname + domainname) || hostname.length > LONGEST_HOSTNAME) {
      throw new GantryError('invalid', `invalid hostname: ${JSON.stringify(hostname + (domainname === '' ? '' : `.${domainname}`))}`, { hint: 'use letters, digits, hyphens and dots' });
    }
    if (network.kind === 'container') this.find(network.id);
  }
}
