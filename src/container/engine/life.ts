import { GantryError, messageOf } from '#base/error.ts';
import type { ContainerExit } from '#container/host/port.ts';
import { advance, atRest, isLive, type ContainerState } from '#container/model/container-state.ts';
import type { Container } from '#container/model/container.ts';
import { freshHealth, restingHealth } from '#container/model/health.ts';
import { shortId, type ContainerId } from '#container/model/ids.ts';
import { restartDelayMs } from '#container/model/restart-policy.ts';
import { applyAll, applySteps } from './apply.ts';
import type { Attachments } from './attachments.ts';
import { emitContainer, emitNetwork, emitVolumes } from './container-events.ts';
import type { ContainerTable } from './container-table.ts';
import type { EventLog } from './event-log.ts';
import type { KeyedLock } from './keyed-lock.ts';
import { bundleOf, cgroupOf, keptOf } from './layout.ts';
import type { Claim } from './network-claims.ts';
import type { OpenCopies } from './open-copies.ts';
import type { LogForwarding } from './log-forwarding.ts';
import type { LogKeeper } from './log-keeper.ts';
import type { Networks } from './networks.ts';
import { lostChosenPort } from './port-choice.ts';
import type { EnginePorts } from './ports.ts';
import { startError } from './start-error.ts';
import { planTeardown, type StartPlan } from './start-plan.ts';
import type { StartPreparation } from './start-preparation.ts';
import type { Volumes } from './volumes.ts';
import type { Waiters } from './waiters.ts';

/** Ports that were free when they were chosen, and another program's when they were to be taken. */
const MOST_LOST_PORTS = 5;

export interface LifeParts {
  readonly ports: EnginePorts;
  readonly table: ContainerTable;
  readonly lock: KeyedLock;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly events: EventLog;
  readonly waiters: Waiters;
  readonly attachments: Attachments;
  readonly copies: OpenCopies;
  readonly preparation: StartPreparation;
  readonly logKeeper: LogKeeper;
  readonly logForwarding: LogForwarding;
}

/** The passages of a container's life. Each of these runs under the container's lock. */
export class ContainerLife {
  readonly #parts: LifeParts;
  readonly #restartTimers = new Map<string, () => void>();

  constructor(parts: LifeParts) {
    this.#parts = parts;
  }

  /** @param cause who asked: `request`, `restart policy` */
  async start(id: ContainerId, cause: string): Promise<void> {
    const { table, ports, events, attachments, networks } = this.#parts;
    const container = table.find(id);
    this.#restartTimers.get(id)?.();
    this.#restartTimers.delete(id);
    const fresh = cause !== 'restart policy' ? { restarts: 0, lastDelayMs: 0, stoppedByRequest: false } : {};
    const before = container.state.phase === 'created' ? 'created' : 'exited';
    table.note(id, { kind: 'start', by: cause });
    for (let lost = 0; ; lost += 1) {
      const prepared = await this.#prepare(container, before, cause);
      const { endpoints, published } = prepared.claim;
      try {
        await table.putState(id, advance(container.state, 'starting', { ...fresh, endpoints, published, error: '', cause }));
        const started = await this.#apply(container, prepared.plan);
        table.note(id, { kind: 'started' });
        await table.putState(id, advance(table.find(id).state, 'running', { ...started, startedNs: String(ports.clock.nowNs()), oomKilled: false, exitCode: 0, ...(container.spec.probe === undefined ? {} : { health: freshHealth(container.state.health) }) }));
        break;
      } catch (thrown) {
        for (const failure of await applyAll(ports.host, prepared.plan.undo)) ports.log(`start of ${shortId(id)}: left behind: ${failure}`);
        await ports.host.forgetExit(id);
        if (lost < MOST_LOST_PORTS && lostChosenPort(thrown, container.spec, published)) {
          networks.claims.release(id);
          continue;
        }
        const error = startError(thrown, container.spec.process.args[0] ?? '');
        await this.#abandonStart(container, before, error);
        throw error;
      }
    }
    for (const network of this.#networksOf(container)) emitNetwork(events, container, 'connect', network);
    emitVolumes(events, container, 'mount');
    emitContainer(events, container, 'start');
    this.#parts.logKeeper.wake();
    this.#parts.logForwarding.begin(container);
    attachments.fail(id, new GantryError('internal', 'the container started without this connection'));
  }

  /** Writes down the end of a run, wakes who waited, clears the kernel, and sees to a restart or removal. */
  async exited(exit: ContainerExit): Promise<void> {
    const { table, ports, events, waiters } = this.#parts;
    const container = table.get(exit.id);
    if (container === undefined || !isLive(container.state.phase)) {
      await ports.host.forgetExit(exit.id);
      return;
    }
    const { spec, state } = container;
    // The time is a file's, whose clock may be a tick of the kernel behind.
    const startedNs = BigInt(state.startedNs ?? 0);
    const endedNs = exit.atNs < startedNs ? startedNs : exit.atNs;
    const ranMs = Number((endedNs - startedNs) / 1_000_000n);
    const delay = restartDelayMs(spec.restart, { exitCode: exit.exitCode, ranMs, restarts: state.restarts, lastDelayMs: state.lastDelayMs, stoppedByRequest: state.stoppedByRequest });
    const ended: Partial<ContainerState> = { exitCode: exit.exitCode, oomKilled: exit.oomKilled, finishedNs: String(endedNs), ...(state.health === undefined ? {} : { health: restingHealth(state.health) }) };
    const goes = delay === undefined && spec.autoRemove;
    const next = goes ? advance(atRest(state), 'removing', { ...ended, removesVolumes: true })
      : delay === undefined ? advance(atRest(state), 'exited', ended)
      : advance(atRest(state), 'restarting', { ...ended, restarts: state.restarts + 1, lastDelayMs: delay });
    const left = this.#networksOf(container);
    const { memoryBytes } = spec.resources;
    table.note(spec.id, { kind: 'ended', exitCode: exit.exitCode, oomKilled: exit.oomKilled, ranMs, ...(memoryBytes === undefined ? {} : { memoryLimit: memoryBytes }) });
    if (delay !== undefined) table.note(spec.id, { kind: 'restart-due', delayMs: delay, attempt: state.restarts + 1 });
    await table.putState(spec.id, next);
    if (exit.oomKilled) emitContainer(events, container, 'oom');
    for (const network of left) emitNetwork(events, container, 'disconnect', network);
    emitVolumes(events, container, 'unmount');
    emitContainer(events, container, 'die', { exitCode: String(exit.exitCode), execDuration: String(Math.floor(ranMs / 1000)) });
    waiters.settle(spec.id, ['not-running', 'next-exit'], { exitCode: exit.exitCode });
    if (goes) {
      await this.#unmake({ spec, state: { ...state, ...ended } }, true);
      return;
    }
    await this.#teardown(container, 'the container has ended', delay !== undefined);
    await ports.host.forgetExit(exit.id);
    if (delay !== undefined) this.scheduleRestart(spec.id, delay);
  }

  scheduleRestart(id: ContainerId, delayMs: number): void {
    const { ports, lock, table } = this.#parts;
    this.#restartTimers.set(id, ports.timers.after(delayMs, () => {
      this.#restartTimers.delete(id);
      void lock.run(id, async () => {
        if (table.get(id)?.state.phase === 'restarting') await this.start(id, 'restart policy');
      }).catch((thrown: unknown) => this.#restartFailed(id, thrown));
    }));
  }

  cancelRestart(id: ContainerId): void {
    this.#restartTimers.get(id)?.();
    this.#restartTimers.delete(id);
  }

  /** What was kept for a start that does not come. */
  async releasePorts(id: ContainerId): Promise<void> {
    const { ports, networks } = this.#parts;
    if (networks.claims.of(id).published.length > 0) await ports.host.releasePort(id);
    networks.claims.release(id);
  }

  /** The container is not live. What it leaves behind goes first, its row last. */
  async remove(id: ContainerId, options: { volumes: boolean }): Promise<void> {
    const { table } = this.#parts;
    const container = table.find(id);
    this.cancelRestart(id);
    await table.putState(id, advance(atRest(container.state), 'removing', { removesVolumes: options.volumes }));
    await this.releasePorts(id);
    await this.#unmake(container, options.volumes);
  }

  /** @param container as it last was: its address and ports are still to be given back */
  async #unmake(container: Container, removesVolumes: boolean): Promise<void> {
    const { table, ports, events, waiters, volumes } = this.#parts;
    const { id } = container.spec;
    const { exitCode } = container.state;
    try {
      await this.#teardown(container, 'the container is removed');
      await ports.host.forgetExit(id);
      await this.#parts.logForwarding.finish(id);
      await ports.snapshots.discard(id);
      await ports.host['remove-tree']({ kind: 'remove-tree', path: keptOf(ports.layout, id), cause: 'the container is removed' });
      if (removesVolumes) await volumes.removeAnonymous(container);
      await table.delete(id);
    } catch (thrown) {
      const message = messageOf(thrown);
      table.note(id, { kind: 'remove-failed', message });
      await table.putState(id, advance(table.find(id).state, 'dead', { error: message }));
      waiters.settle(id, ['removed'], { exitCode, error: message });
      throw thrown;
    }
    emitContainer(events, container, 'destroy');
    waiters.settle(id, ['removed', 'not-running', 'next-exit'], { exitCode });
  }

  async #apply(container: Container, plan: StartPlan): Promise<Partial<ContainerState>> {
    const { ports, attachments } = this.#parts;
    const { id, process } = container.spec;
    const bundle = bundleOf(ports.layout, id);
    const outcomes = await applySteps(ports.host, plan.steps, async (step) => {
      if (step.kind === 'start-container') await attachments.connect(id, (stdin) => ports.host.attach(bundle, { stdin, endsInput: process.stdin.once }));
    });
    return { ...outcomes['create-container'] };
  }

  async #prepare(container: Container, phase: 'created' | 'exited', cause: string): Promise<{ plan: StartPlan; claim: Claim }> {
    try {
      return await this.#parts.preparation.prepare(container, cause);
    } catch (thrown) {
      const error = startError(thrown, container.spec.process.args[0] ?? '');
      await this.#abandonStart(container, phase, error);
      throw error;
    }
  }

  async #abandonStart(container: Container, phase: 'created' | 'exited', error: GantryError): Promise<void> {
    const { table, attachments, waiters } = this.#parts;
    const { id } = container.spec;
    attachments.fail(id, error);
    await this.releasePorts(id);
    const exitCode = /exec: /.test(error.message) ? (/permission denied|is a directory|format error/.test(error.message) ? 126 : 127) : 128;
    const row = table.get(id);
    if (row === undefined) return;
    table.note(id, { kind: 'start-failed', message: error.message, ...(error.subject === undefined ? {} : { step: error.subject }) });
    await table.putState(id, advance({ ...atRest(row.state), phase: 'starting' }, phase, { error: error.message, exitCode }));
    waiters.settle(id, ['next-exit'], { exitCode });
    if (container.spec.autoRemove) await this.remove(id, { volumes: true });
  }

  /** @param comesBack by its restart policy: to the same ports */
  async #teardown(container: Container, cause: string, comesBack = false): Promise<void> {
    const { ports, networks, copies } = this.#parts;
    const { spec, state } = container;
    const steps = planTeardown({
      spec, cause, endpoints: state.endpoints, published: state.published, keepsPorts: comesBack,
      bundle: bundleOf(ports.layout, spec.id), cgroup: cgroupOf(ports.layout, spec),
    });
    await copies.settled(spec.id);
    for (const failure of await applyAll(ports.host, steps)) ports.log(`end of ${shortId(spec.id)}: left behind: ${failure}`);
    if (comesBack) networks.claims.keepPorts(spec.id);
    else networks.claims.release(spec.id);
  }

  async #restartFailed(id: ContainerId, thrown: unknown): Promise<void> {
    const { ports, table, lock } = this.#parts;
    ports.log(`restart of ${shortId(id)} failed: ${messageOf(thrown)}`);
    await lock.run(id, async () => {
      const row = table.get(id);
      if (row?.state.phase !== 'exited') return;
      const delay = restartDelayMs(row.spec.restart, { exitCode: 1, ranMs: 0, restarts: row.state.restarts, lastDelayMs: row.state.lastDelayMs, stoppedByRequest: row.state.stoppedByRequest });
      if (delay === undefined) return;
      table.note(id, { kind: 'restart-due', delayMs: delay, attempt: row.state.restarts + 1 });
      await table.putState(id, advance(row.state, 'restarting', { restarts: row.state.restarts + 1, lastDelayMs: delay }));
      this.scheduleRestart(id, delay);
    });
  }

  #networksOf(container: Container): readonly { id: string; name: string; driver: string }[] {
    const { network } = container.spec.sandbox;
    if (network.kind === 'container') return [];
    const names = network.kind === 'network' ? this.#parts.table.find(container.spec.id).state.endpoints.map((endpoint) => endpoint.network) : [network.kind];
    return names.flatMap((name) => this.#parts.networks.get(name) ?? []);
  }
}
