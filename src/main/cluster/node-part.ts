import { join } from 'node:path';
import { Agent, type ServiceRoutes } from '#cluster/agent/agent.ts';
import { NodeFiles } from '#cluster/agent/edge/node-files.ts';
import type { ClusterZone } from '#cluster/agent/pod-dns.ts';
import type { PodIsolation } from '#cluster/agent/policy/policy-keeper.ts';
import { PressureWatch } from '#cluster/agent/pressure/pressure-watch.ts';
import type { Threshold } from '#cluster/agent/pressure/thresholds.ts';
import { UsageMeter } from '#cluster/agent/usage-meter.ts';
import { VolumeReclaimer } from '#cluster/agent/volume-reclaimer.ts';
import { KUBERNETES_VERSION } from '#cluster/api/api-server.ts';
import { mountMemory, unmountVolume } from '#container/host/edge/volume-mounts.ts';
import type { Access } from './open-access.ts';
import type { ClusterCore } from './cluster-core.ts';
import type { ClusterPart } from './cluster-part.ts';
import type { ClusterWrites } from './cluster-writes.ts';
import { NodeRegistration } from './node-registration.ts';
import type { ClusterPki } from './pki.ts';

/** What is asked of this node, before anybody sees to its pods. */
export interface NodeTools {
  readonly files: NodeFiles;
  readonly meter: UsageMeter;
}

const CAUSE = 'a pod has a volume in memory';
const MOUNTS = {
  mountMemory,
  unmount: (path: string) => unmountVolume({ kind: 'unmount-volume', cause: CAUSE, path }),
};

export function nodeTools({ root, engine, clock, timers }: ClusterCore): NodeTools {
  const files = new NodeFiles({ pods: join(root, 'pods'), claimVolumes: join(root, 'volumes'), profiles: join(root, 'seccomp'), images: engine.info.root, mounts: MOUNTS });
  return { files, meter: new UsageMeter({ engine, node: files, clock, timers }) };
}

interface NodeParts {
  readonly tools: NodeTools;
  readonly writes: ClusterWrites;
  readonly access: Access;
  readonly pki: ClusterPki;
  readonly names: ClusterZone;
  readonly routes: ServiceRoutes;
  readonly isolation: PodIsolation;
  /** When the node is short of something. */
  readonly thresholds: readonly Threshold[];
  /** For a pod that goes for a soft one. */
  readonly mostGraceSeconds: number;
}

/** This machine as a node: its pods, the directories of its volumes, and that it says it is there. */
export function nodePart(core: ClusterCore, { tools: { files }, writes, access, pki, names, routes, isolation, thresholds, mostGraceSeconds }: NodeParts): ClusterPart {
  const { engine, runtime, root, node, hostIp, local, writer, registry, clock, timers } = core;
  const log = (line: string): void => core.log(`agent: ${line}`);
  const reclaimer = new VolumeReclaimer({ nodeName: node, volumes: runtime.cache('persistentvolumes'), nodes: runtime.cache('nodes'), node: files, forget: (volume) => writes.forgetVolume(volume), clock, timers, log });
  const agent = new Agent({
    nodeName: node, hostIp, place: { network: 'bridge', names }, room: { cpuMilli: engine.info.facts.cpus * 1000, memoryBytes: engine.info.facts.memoryBytes }, pods: runtime.cache('pods'), configMaps: runtime.cache('configmaps'), secrets: runtime.cache('secrets'), services: runtime.cache('services'),
    claims: runtime.cache('persistentvolumeclaims'), volumes: runtime.cache('persistentvolumes'),
    engine, node: files, writes, routes, isolation, rootCa: pki.ca, token: (pod, wanted) => access.podToken(pod, wanted), clock, timers, log,
  });
  const watch = new PressureWatch({
    nodeName: node, pods: runtime.cache('pods'), engine, node: files, thresholds, mostGraceSeconds, evict: (pod, message, graceSeconds) => agent.evict(pod, message, graceSeconds), changed: () => registration.beat(), clock, timers, log,
  });
  const registration = new NodeRegistration({ name: node, address: hostIp, facts: engine.info.facts, version: KUBERNETES_VERSION.gitVersion, volumes: join(root, 'volumes'), pressures: () => watch.pressures(), local, writer, registry, clock });
  return {
    name: 'node',
    async open() {
      await agent.open();
      await registration.open();
      await watch.open();
    },
    async close() {
      watch.close();
      registration.close();
      reclaimer.close();
      await agent.close();
    },
  };
}
