import { GantryError } from '#base/error.ts';
import type {
  Attachment, AttachOptions, ContainersPort, CreateRequest, EngineInfo, EnginePort, EventFeed, ExecRequest, ExecsPort, FilesPort, ImagesPort, MembershipsPort, NetworksPort, VolumesPort, WaitCondition, WaitResult,
} from '#container/engine/port.ts';
import type { LogRecord } from '#container/host/log.ts';
import { advance, FRESH_STATE } from '#container/model/container-state.ts';
import type { Container } from '#container/model/container.ts';
import type { EngineEvent } from '#container/model/event.ts';
import type { Exec } from '#container/model/exec.ts';
import type { ContainerId, ExecId, NetworkId } from '#container/model/ids.ts';
import type { Image } from '#container/model/image.ts';
import type { Volume } from '#container/model/mount.ts';
import type { Network } from '#container/model/network.ts';
import type { PathStatus } from '#image/snapshot/files.ts';
import type { FakeAsked } from './fake-asked.ts';
import { fakeImage, fakeImages } from './fake-images.ts';
import { FakeIo } from './fake-io.ts';
import { fakeVolumes } from './fake-volumes.ts';

const NOW_NS = '1795471946316466636';

const notFound = (message: string): GantryError => new GantryError('not-found', message);

/** An engine in memory, for tests of this front: containers run until the test ends them. */
export class FakeEngine implements EnginePort {
  readonly ios = new Map<string, FakeIo>();
  readonly execIos = new Map<string, FakeIo>();
  readonly logRecords: LogRecord[] = [];
  readonly resizes: [string, number, number][] = [];
  readonly removed: string[] = [];
  readonly execKills: [string, number][] = [];
  readonly asked: FakeAsked = {};
  readonly imageRows: Image[] = [fakeImage('bb:1')];
  readonly volumeRows = new Map<string, Volume>();
  readonly #rows = new Map<string, Container>();
  readonly #execs = new Map<string, { exec: Exec; done: (code: number) => void }>();
  readonly #waiters: { id: string; condition: WaitCondition; settle: (result: WaitResult) => void }[] = [];
  readonly #attached = new Map<string, ((io: FakeIo) => void)[]>();
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  readonly #events: EngineEvent[] = [];
  #next = 1;
  /** What a container does once it runs. */
  onStart: (container: Container, io: FakeIo) => void = () => {};

  readonly info: EngineInfo = {
    id: 'c0ae42a1', root: '/var/lib/gantry', defaultBridgeAddress: '172.17.0.1',
    facts: {
      hostname: 'vm', kernelVersion: '6.18.0', operatingSystem: 'Debian GNU/Linux 12 (bookworm)', osVersion: '12', machine: 'x86_64', architecture: 'amd64',
      cpus: 2, memoryNodes: 1, memoryBytes: 25_276_063_744, cgroupVersion: 1, bootId: 'b', runtime: { name: 'runc', path: '/usr/bin/runc', version: '1.1' }, runtimes: [{ name: 'runc', path: '/usr/bin/runc', version: '1.1' }], monitorVersion: '2.1', hasIpv6: false, hasBlockWeights: false,
    },
  };

  readonly containers: ContainersPort = {
    list: () => [...this.#rows.values()],
    find: (reference) => this.#find(reference),
    create: async (request) => this.#create(request),
    start: async (reference) => this.#start(reference),
    stop: async (reference, options) => {
      this.asked.stop = options;
      if (!this.#isUp(reference)) throw new GantryError('not-modified', 'container already stopped');
      this.exit(reference, 137);
    },
    restart: async () => {},
    kill: async (reference, signal) => {
      this.asked.kill = signal;
      this.exit(reference, 137);
    },
    pause: async (reference) => this.#set(reference, { phase: 'paused' }),
    unpause: async (reference) => this.#set(reference, { phase: 'running' }),
    rename: async (reference, name) => {
      const row = this.#find(reference);
      this.#rows.set(row.spec.id, { ...row, spec: { ...row.spec, name } });
    },
    update: async (reference, change) => {
      const row = this.#find(reference);
      this.#rows.set(row.spec.id, { ...row, spec: { ...row.spec, ...change } });
    },
    unlink: async (reference, _alias, front) => {
      const row = this.#find(reference);
      this.#rows.set(row.spec.id, { ...row, spec: { ...row.spec, front } });
    },
    remove: async (reference, { force }) => {
      const { spec } = this.#find(reference);
      if (this.#isUp(reference) && !force) throw new GantryError('conflict', `cannot remove container "${spec.name}": container is running: stop the container before removing or force remove`);
      this.#rows.delete(spec.id);
      this.removed.push(spec.id);
      this.#settle(spec.id, 'removed', { exitCode: 0 });
    },
    wait: (reference, condition, cancellation) => {
      const { spec, state } = this.#find(reference);
      if (condition === 'not-running' && !this.#isUp(reference)) return Promise.resolve({ exitCode: state.exitCode });
      return new Promise((settle) => {
        const waiter = { id: spec.id, condition, settle };
        this.#waiters.push(waiter);
        cancellation?.onCancel(() => {
          this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
          settle({ exitCode: 0, error: 'cancelled' });
        });
      });
    },
    detached: (reference) => void this.#find(reference),
    attach: (reference, options) => this.#attach(reference, options),
    resize: async (reference, rows, columns) => void this.resizes.push([this.#find(reference).spec.id, rows, columns]),
    logs: (reference, options) => {
      this.#find(reference);
      const records = this.logRecords.slice(options.tail === undefined ? 0 : -options.tail || this.logRecords.length);
      return (async function* () {
        yield records;
        if (options.follow) await new Promise<void>((resolve) => options.cancellation?.onCancel(resolve));
      })();
    },
    top: async () => ({ titles: ['PID', 'CMD'], rows: [['1', 'sh']] }),
    usage: async (reference) => (this.containers.find(reference).state.phase === 'running' ? {
      memory: { usage: 8192, peak: 9000, limitHits: 0, details: new Map([['cache', 1]]) }, cpu: { usageNs: 5, userNs: 3, systemNs: 2, periods: 0, throttledPeriods: 0, throttledNs: 0 },
      processes: { current: 1 }, blockIo: [{ major: 8, minor: 0, bytes: { read: 1, write: 2, discard: 0 }, operations: { read: 1, write: 1, discard: 0 } }], machine: { cpuNs: 100, cpus: 2 },
      networks: new Map([['eth0', { receivedBytes: 1, receivedPackets: 2, receiveErrors: 0, receiveDrops: 0, sentBytes: 3, sentPackets: 4, sendErrors: 0, sendDrops: 0 }]]),
    } : undefined),
    why: () => [{ atNs: NOW_NS, kind: 'created', text: 'it was created' }],
    sizeOf: async () => 4096,
  };

  readonly execs: ExecsPort = {
    create: async (container, request) => this.#createExec(container, request),
    find: (id) => this.#exec(id).exec,
    start: async (id, { attached }) => {
      const entry = this.#exec(id);
      if (entry.exec.state.phase !== 'created') throw new GantryError('conflict', `exec command ${id} has already run`);
      if (entry.exec.spec.args[0] === 'missing') throw new GantryError('invalid', 'OCI runtime exec failed: exec: "missing": executable file not found in $PATH');
      const io = new FakeIo();
      this.execIos.set(id, io);
      entry.exec = { ...entry.exec, state: { phase: 'running', process: { pid: 42, startTime: '1' } } };
      return { io: attached ? io : undefined, done: new Promise((resolve) => (entry.done = resolve)) };
    },
    kill: async (id, signal) => this.execKills.push([id, signal]) as unknown as void,
    detached: () => {},
    resize: async (id, rows, columns) => void this.resizes.push([id, rows, columns]),
    ofContainer: (id) => [...this.#execs.values()].filter(({ exec }) => exec.spec.container === id && exec.state.phase !== 'exited').map(({ exec }) => exec.spec.id),
  };

  readonly images: ImagesPort = fakeImages(this.imageRows, this.asked);

  readonly files: FilesPort = {
    status: async (_reference, path) => this.#pathStatus(path),
    read: async (_reference, path) => ({ status: this.#pathStatus(path), tar: (async function* () { yield new TextEncoder().encode(`tar of ${path}`); })() }),
    write: async (_reference, { tar }) => { for await (const _piece of tar) { /* taken in */ } },
    export: async () => (async function* () { yield new TextEncoder().encode('tar of all'); })(),
    changes: async () => [{ kind: 'modified', path: '/etc' }, { kind: 'added', path: '/etc/new' }, { kind: 'deleted', path: '/tmp' }],
  };

  #pathStatus(path: string): PathStatus {
    if (path.startsWith('/nosuch')) throw notFound(`no such file: ${path}`);
    return { name: path.split('/').at(-1) ?? '', type: 'file', size: 3, mode: 0o4755, modified: { seconds: 1, nanoseconds: 5 }, linkTarget: '' };
  }

  readonly networks: NetworksPort = {
    list: () => this.#networks,
    find: (reference) => {
      const network = this.#networks.find(({ name, id }) => name === reference || id.startsWith(reference));
      if (network === undefined) throw notFound(`network ${reference} not found`);
      return network;
    },
    create: async (request) => {
      this.asked.network = request;
      const { further: _further, ...known } = request;
      return { ...known, id: '9a'.repeat(32) as NetworkId, createdNs: NOW_NS, mtu: 1500, ipv4: { cidr: '172.18.0.0/16', gateway: '172.18.0.1' }, ipv6: { cidr: 'fd00::/64', gateway: 'fd00::1' } };
    },
    remove: async (reference) => void this.networks.find(reference),
  };

  readonly memberships: MembershipsPort = {
    connect: async (container, request) => {
      this.#find(container);
      this.asked.connect = request;
    },
    disconnect: async (container, network) => {
      this.#find(container);
      this.networks.find(network);
    },
  };

  readonly #networks: readonly Network[] = [
    {
      id: '8f'.repeat(32) as NetworkId, name: 'bridge', driver: 'bridge', bridge: 'gantry0', ipv4: { cidr: '172.17.0.0/16', gateway: '172.17.0.1' }, internal: false, mtu: 1500,
      createdNs: NOW_NS, labels: {}, options: {},
    },
    { id: '41'.repeat(32) as NetworkId, name: 'host', driver: 'host', internal: false, mtu: 1500, createdNs: NOW_NS, labels: {}, options: {} },
    { id: '42'.repeat(32) as NetworkId, name: 'none', driver: 'null', internal: false, mtu: 1500, createdNs: NOW_NS, labels: {}, options: {} },
  ];

  readonly volumes: VolumesPort = fakeVolumes(this.volumeRows, this.asked);

  readonly events: EventFeed = {
    pruned: () => {},
    subscribe: ({ sinceNs }, callback) => {
      if (sinceNs !== undefined) for (const event of this.#events) if (event.timeNs >= sinceNs) callback(event);
      this.#listeners.add(callback);
      return () => this.#listeners.delete(callback);
    },
  };

  expectStart(): void {
    this.asked.expectations = (this.asked.expectations ?? 0) + 1;
  }

  /** Connections that wait for the container to start. */
  waiting(reference: string): number {
    return this.#attached.get(this.#find(reference).spec.id)?.length ?? 0;
  }

  get pendingWaits(): number {
    return this.#waiters.length;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  emit(event: EngineEvent): void {
    this.#events.push(event);
    for (const listener of this.#listeners) listener(event);
  }

  /** The container's process ends. */
  exit(reference: string, exitCode: number): void {
    const { spec } = this.#find(reference);
    this.#set(reference, { phase: 'exited', exitCode, finishedNs: NOW_NS });
    this.ios.get(spec.id)?.end();
    this.#settle(spec.id, 'next-exit', { exitCode });
    this.#settle(spec.id, 'not-running', { exitCode });
    if (spec.autoRemove) {
      this.#rows.delete(spec.id);
      this.#settle(spec.id, 'removed', { exitCode });
    }
  }

  exitExec(id: string, exitCode: number): void {
    const entry = this.#exec(id);
    entry.exec = { ...entry.exec, state: { phase: 'exited', exitCode } };
    this.execIos.get(id)?.end();
    entry.done(exitCode);
  }

  /** Puts a row in as it is. */
  put(container: Container): void {
    this.#rows.set(container.spec.id, container);
  }

  #isUp(reference: string): boolean {
    const { phase } = this.#find(reference).state;
    return phase === 'running' || phase === 'paused';
  }

  #find(reference: string): Container {
    const name = reference.replace(/^\//, '');
    const rows = [...this.#rows.values()];
    const row = rows.find(({ spec }) => spec.id === name || spec.name === name) ?? rows.find(({ spec }) => name.length > 3 && spec.id.startsWith(name));
    if (row === undefined) throw notFound(`No such container: ${reference}`);
    return row;
  }

  #exec(id: string): { exec: Exec; done: (code: number) => void } {
    const entry = this.#execs.get(id);
    if (entry === undefined) throw notFound(`No such exec instance: ${id}`);
    return entry;
  }

  #create(request: CreateRequest): { id: ContainerId; warnings: readonly string[] } {
    this.asked.create = request;
    const id = (this.#next++).toString(16).padStart(12, 'a').padEnd(64, '0') as ContainerId;
    const name = request.name === '' ? `fake_${this.#next}` : request.name;
    const holder = [...this.#rows.values()].find(({ spec }) => spec.name === name);
    if (holder !== undefined) {
      throw new GantryError('conflict', `Conflict. The container name "/${name}" is already in use by container "${holder.spec.id}". You have to remove (or rename) that container to be able to reuse that name.`);
    }
    const isOfHost = request.sandbox.network.kind === 'host' || request.sandbox.uts.kind === 'host';
    const hostname = request.sandbox.hostname === '' ? (isOfHost ? this.info.facts.hostname : id.slice(0, 12)) : request.sandbox.hostname;
    const createdNs = String(BigInt(NOW_NS) + BigInt(this.#next));
    this.put({ spec: { ...request, id, name, createdNs, sandbox: { ...request.sandbox, hostname } }, state: advance(FRESH_STATE, 'created') });
    return { id, warnings: [] };
  }

  #start(reference: string): void {
    const { spec, state } = this.#find(reference);
    if (state.phase === 'running') throw new GantryError('not-modified', 'container already started');
    this.#set(reference, { phase: 'running', startedNs: NOW_NS, process: { pid: 1234, startTime: '1' } });
    const io = new FakeIo();
    this.ios.set(spec.id, io);
    this.onStart(this.#find(reference), io);
    for (const attached of this.#attached.get(spec.id) ?? []) attached(io);
  }

  #set(reference: string, change: Partial<Container['state']>): void {
    const row = this.#find(reference);
    this.#rows.set(row.spec.id, { ...row, state: { ...row.state, ...change } });
  }

  #settle(id: string, condition: WaitCondition, result: WaitResult): void {
    for (const waiter of this.#waiters) if (waiter.id === id && waiter.condition === condition) waiter.settle(result);
  }

  #attach(reference: string, _options: AttachOptions): Attachment {
    const { spec } = this.#find(reference);
    const running = this.ios.get(spec.id);
    if (running !== undefined && this.#isUp(reference)) return { io: Promise.resolve(running), close: () => running.close() };
    const io = new Promise<FakeIo>((resolve) => this.#attached.set(spec.id, [...(this.#attached.get(spec.id) ?? []), resolve]));
    return { io, close: () => void this.#attached.delete(spec.id) };
  }

  #createExec(container: string, request: ExecRequest): ExecId {
    const { spec } = this.#find(container);
    if (!this.#isUp(container)) throw new GantryError('conflict', `container ${spec.id} is not running`);
    const id = (this.#next++).toString(16).padStart(12, 'e').padEnd(64, '0') as ExecId;
    this.#execs.set(id, { exec: { spec: { ...request, id, container: spec.id }, state: { phase: 'created' } }, done: () => {} });
    return id;
  }
}
