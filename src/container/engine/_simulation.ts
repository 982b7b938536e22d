import { ManualClock } from '#base/manual-clock.ts';
import { SeededRandom } from '#base/seeded-random.ts';
import type { Hasher } from '#base/hasher.ts';
import type { Host } from '#container/host/port.ts';
import { plainEndpoint } from '#container/model/container-row.ts';
import type { ImageId } from '#container/model/ids.ts';
import type { ContainerFiles } from '#image/snapshot/files.ts';
import { MemoryBlobs } from '#image/blob/memory.ts';
import { DEFAULT_REGISTRY_CONFIG } from '#image/registry/registry-config.ts';
import { Registries } from '#image/registry/registries.ts';
import type { Transport } from '#image/registry/transport.ts';
import { TrustPolicy } from '#image/registry/trust.ts';
import type { Snapshots } from '#image/snapshot/port.ts';
import type { Store } from '#store/store.ts';
import { Engine } from './engine.ts';
import { layoutOf } from './layout.ts';
import type { CreateRequest } from './port.ts';

export const IMAGE = `sha256:${'1'.repeat(64)}` as ImageId;

/** Not SHA-256, but as good as one for names. */
export const HASHER: Hasher = {
  sha256: (bytes) => {
    let state = 0x811c9dc5;
    for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193) >>> 0;
    return state.toString(16).padStart(8, '0').repeat(8);
  },
};

const noFiles = (): never => { throw new TypeError('no files here'); };
const NO_FILES: ContainerFiles = { status: noFiles, read: noFiles, write: noFiles, export: noFiles, changes: noFiles };
/** No registry answers. */
const NOWHERE: Transport = { send: async ({ url }) => ({ kind: 'failure', failure: 'unreachable', message: `Get "${url}": no route` }) };

export interface Simulated {
  readonly engine: Engine;
  readonly clock: ManualClock;
}

/** An engine over the given host and store, as a daemon that has just been started makes it. */
export async function openEngine(parts: { host: Host; store: Store; snapshots: Snapshots; seed: number; files?: ContainerFiles; clock?: ManualClock; transport?: Transport }): Promise<Simulated> {
  const clock = parts.clock ?? new ManualClock();
  const engine = new Engine({
    host: parts.host, store: parts.store, snapshots: parts.snapshots, files: parts.files ?? NO_FILES, clock, timers: clock,
    staging: { stage: () => Promise.reject(new TypeError('no archives here')) },
    documents: new MemoryBlobs(HASHER), trust: new TrustPolicy([], { verify: () => false }),
    registries: new Registries({ transport: parts.transport ?? NOWHERE, clock, timers: clock, random: new SeededRandom(parts.seed), hasher: HASHER }, DEFAULT_REGISTRY_CONFIG),
    random: new SeededRandom(parts.seed), hasher: HASHER, layout: layoutOf('/var/lib/gantry', '/run/gantry', HASHER), log: () => {},
  }, 'engine');
  await engine.open();
  return { engine, clock };
}

export async function seedImage(store: Store): Promise<void> {
  await store.put(`image/${IMAGE}`, JSON.stringify({
    id: IMAGE, configJson: '{}', diffIds: [], chainIds: [], layerSizes: [], layerTarSizes: [], tags: ['docker.io/library/test:latest'], digests: [], createdNs: '0', comment: '',
  }));
}

export function request(name: string, change: Partial<CreateRequest> = {}): CreateRequest {
  return {
    name, owner: { front: 'docker', name: '' }, image: { reference: 'test', id: IMAGE }, readonlyRootfs: false,
    process: { args: ['/bin/true'], env: [], cwd: '/', user: '', groups: [], terminal: false, stdin: { open: false, once: false }, init: false },
    security: { privileged: false, capabilitiesAdd: [], capabilitiesDrop: [], noNewPrivileges: false, seccomp: { kind: 'default' }, devices: [], deviceCgroupRules: [] },
    resources: {}, ulimits: [], oomScoreAdjust: 0, mounts: [],
    sandbox: {
      hostname: '', domainname: '', network: { kind: 'network', name: 'bridge' }, pid: { kind: 'private' }, ipc: { kind: 'private' }, uts: { kind: 'private' },
      cgroup: { kind: 'private' }, dns: { servers: [], search: [], options: [] }, extraHosts: [], sysctls: {}, shmSizeBytes: 64 << 20,
      ports: [{ protocol: 'tcp', containerPort: 80, hostAddress: '', hostPort: 8080 }], publishAll: false, exposed: [], endpoints: [plainEndpoint('bridge')],
    },
    restart: { kind: 'no' }, autoRemove: false, stop: { signal: 'SIGTERM', timeoutSeconds: 10 }, logging: { driver: 'json-file', options: {} },
    labels: {}, front: {}, ...change,
  };
}
