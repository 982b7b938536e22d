import { GantryError, messageOf } from '#base/error.ts';
import { plainEndpoint } from '#container/model/container-row.ts';
import { newId, shortId, type ContainerId, type ImageId } from '#container/model/ids.ts';
import type { Mount } from '#container/model/mount.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import type { SealedLayer } from '#image/snapshot/port.ts';
import type { Containers } from './containers.ts';
import type { KeyedLock } from './keyed-lock.ts';
import type { BuildRun, BuildsPort, CreateRequest, TreeMount } from './port.ts';
import type { EnginePorts } from './ports.ts';
import type { StartPreparation } from './start-preparation.ts';

/** As BuildKit names the machine that commands of a build see. */
const HOSTNAME = 'buildkitsandbox';
const SHARED_MEMORY_BYTES = 64 << 20;
/** Mounted into every container; where the image has no such file, an empty one is left behind. */
const GENERATED = ['/etc/resolv.conf', '/etc/hosts'];

/** Commands of builds: containers like any other, whose written layer is taken instead of thrown away. */
export class Builds implements BuildsPort {
  readonly #ports: EnginePorts;
  readonly #containers: Containers;
  readonly #lock: KeyedLock;
  readonly #preparation: StartPreparation;

  constructor(ports: EnginePorts, containers: Containers, lock: KeyedLock, preparation: StartPreparation) {
    this.#ports = ports;
    this.#containers = containers;
    this.#lock = lock;
    this.#preparation = preparation;
  }

  async run(run: BuildRun, output: (stream: 1 | 2, bytes: Uint8Array) => void, signal: AbortSignal): Promise<{ exitCode: number; layer: SealedLayer | undefined }> {
    const trees: string[] = [];
    try {
      const mounts = await Promise.all(run.mounts.map((mount) => (mount.kind === 'tree' ? this.#provideTree(mount, trees) : mount)));
      return await this.#run({ ...run, mounts }, output, signal);
    } finally {
      for (const tree of trees) await this.#ports.snapshots.discard(tree);
    }
  }

  async #run(run: BuildRun & { readonly mounts: readonly Mount[] }, output: (stream: 1 | 2, bytes: Uint8Array) => void, signal: AbortSignal): Promise<{ exitCode: number; layer: SealedLayer | undefined }> {
    const { id } = await this.#containers.create(requestOf(run));
    const forgetEnv = this.#preparation.lendEnv(id, run.secretEnv);
    const giveUp = (): void => void this.#containers.remove(id, { force: true, volumes: true }).catch(() => undefined);
    signal.addEventListener('abort', giveUp, { once: true });
    const unmounted = Promise.withResolvers<void>();
    unmounted.promise.catch(() => undefined);
    let sealing: Promise<SealedLayer> | undefined;
    let layer: SealedLayer | undefined;
    try {
      const attachment = this.#containers.attach(id, { stdin: false });
      const ended = Promise.withResolvers<void>();
      attachment.io.then((io) => {
        io.onOutput(output);
        io.onEnd(() => ended.resolve());
      }, () => ended.resolve());
      const exit = this.#containers.wait(id, 'next-exit');
      await this.#containers.start(id);
      // While the command runs, all is made ready for its layer.
      sealing = this.#seal(id, run, unmounted.promise, signal);
      sealing.catch(() => undefined);
      const { exitCode } = await exit;
      await ended.promise;
      // Under the container's lock: its end has been dealt with then, and nothing is mounted any more.
      if (exitCode === 0 && !signal.aborted) await this.#lock.run(id, async () => {
        unmounted.resolve();
        layer = await sealing;
      });
      return { exitCode, layer };
    } finally {
      unmounted.reject(new GantryError('interrupted', 'the command has no layer'));
      await sealing?.catch(() => undefined);
      forgetEnv();
      signal.removeEventListener('abort', giveUp);
      const removal = this.#remove(id);
      // Its files are the layer's by now: whoever goes on with that need not wait for the rest to go.
      if (layer === undefined) await removal;
    }
  }

  /** A tree has a snapshot of its own, which takes what is written to it and goes with the command. */
  async #provideTree({ source, target, readonly, path }: TreeMount, trees: string[]): Promise<Mount> {
    const name = `tree-${newId<ContainerId>(this.#ports.random)}`;
    trees.push(name);
    const overlay = await this.#ports.snapshots.prepare(name, source.kind === 'layers' ? source.chain as readonly ChainId[] : []);
    return { kind: 'overlay', target, readonly, path, overlay: source.kind === 'layers' ? overlay : { ...overlay, lower: [source.path] } };
  }

  /** Those of builds that a daemon did not end: nobody waits for them. */
  async sweep(): Promise<void> {
    for (const id of this.#containers.ofBuilds()) await this.#remove(id);
  }

  async #remove(id: ContainerId): Promise<void> {
    await this.#containers.remove(id, { force: true, volumes: true }).catch((thrown: unknown) => this.#ports.log(`build container ${shortId(id)}: ${messageOf(thrown)}`));
  }

  #seal(id: string, run: BuildRun, unmounted: Promise<void>, signal: AbortSignal): Promise<SealedLayer> {
    const stubs = [...GENERATED, ...run.mounts.map(({ target }) => target)];
    return this.#ports.snapshots.seal({ id, base: run.layers as readonly ChainId[], stubs, unmounted, ...(run.digests === undefined ? {} : { digests: run.digests }) }, signal);
  }
}

function requestOf(run: BuildRun & { readonly mounts: readonly Mount[] }): CreateRequest {
  return {
    name: '', owner: { front: 'build', name: run.build }, image: { reference: '', id: '' as ImageId }, layers: run.layers, readonlyRootfs: false,
    process: { args: run.args, env: run.env, cwd: run.workingDir, user: run.user, groups: [], terminal: false, stdin: { open: false, once: false }, init: false },
    security: {
      privileged: run.isInsecure, capabilitiesAdd: [], capabilitiesDrop: [], noNewPrivileges: false,
      seccomp: { kind: run.isInsecure ? 'unconfined' : 'default' }, devices: [], deviceCgroupRules: [],
    },
    resources: {}, ulimits: run.ulimits, oomScoreAdjust: 0, mounts: run.mounts,
    sandbox: {
      hostname: run.hostname === '' ? HOSTNAME : run.hostname, domainname: '',
      network: run.network === 'default' ? { kind: 'network', name: 'bridge' } : { kind: run.network },
      pid: { kind: 'private' }, ipc: { kind: 'private' }, uts: { kind: 'private' }, cgroup: { kind: 'private' },
      dns: { servers: [], search: [], options: [] }, extraHosts: run.extraHosts, sysctls: {}, shmSizeBytes: run.shmSizeBytes ?? SHARED_MEMORY_BYTES,
      ports: [], publishAll: false, exposed: [], endpoints: run.network === 'default' ? [plainEndpoint('bridge')] : [],
    },
    restart: { kind: 'no' }, autoRemove: false, stop: { signal: 'SIGKILL', timeoutSeconds: 0 }, logging: { driver: 'none', options: {} }, labels: {}, front: {},
  };
}
