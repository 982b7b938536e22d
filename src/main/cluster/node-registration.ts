import { readdirSync, readFileSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '#base/clock.ts';
import { isKind } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { LEASE_SECONDS, LEASES, nodeLabels, nodeLease, nodeStatus, type NodeFacts } from '#cluster/agent/node-object.ts';
import type { Pressure } from '#cluster/agent/pressure/pressure.ts';
import type { ObjectWriter } from '#cluster/api/object-writer.ts';
import type { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { NODE_DIRECTORY } from '#cluster/controllers/volume-shape.ts';
import { timeText } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { LocalWriter } from '#cluster/loop/local-writer.ts';
import type { HostFacts } from '#container/host/facts.ts';

const MACHINE_ID = '/etc/machine-id';
const HUGE_PAGES = '/sys/kernel/mm/hugepages';
const HEARTBEAT_MS = 60_000;
const RENEW_MS = LEASE_SECONDS * 500;
const OPTIONS = { dryRun: false, user: 'system:node' };

export interface RegistrationParts {
  readonly name: string;
  readonly address: string;
  readonly facts: HostFacts;
  readonly version: string;
  /** Where volumes of claims are made. */
  readonly volumes: string;
  readonly pressures: () => ReadonlySet<Pressure>;
  readonly local: LocalWriter;
  readonly writer: ObjectWriter;
  readonly registry: ResourceRegistry;
  readonly clock: Clock;
}

/** Says that this node is there, and goes on saying so. */
export class NodeRegistration {
  readonly #parts: RegistrationParts;
  readonly #nodes: ResourceDefinition;
  readonly #leases: ResourceDefinition;
  #timers: readonly NodeJS.Timeout[] = [];
  #since: string | undefined;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
    this.#nodes = parts.registry.find('', 'v1', 'nodes') as ResourceDefinition;
    this.#leases = parts.registry.find('coordination.k8s.io', 'v1', 'leases') as ResourceDefinition;
  }

  async open(): Promise<void> {
    const { local, name } = this.#parts;
    await local.create(this.#nodes, undefined, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: nodeLabels(this.#facts()) }, spec: {} }).catch((thrown: unknown) => {
      if (!isKind(thrown, 'conflict')) throw thrown;
    });
    const { writer, volumes } = this.#parts;
    const { metadata: { uid } } = await writer.update(this.#nodes, undefined, name, undefined, (current) => ({ ...current, metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, [NODE_DIRECTORY]: volumes } } }), OPTIONS);
    this.#since = timeText(this.#nowMs());
    await this.#beat();
    await this.#renew(uid);
    this.#timers = [setInterval(() => this.beat(), HEARTBEAT_MS), setInterval(() => void this.#renew(uid).catch(() => {}), RENEW_MS)];
    for (const timer of this.#timers) timer.unref();
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Says how the node is now; nothing before it is there. */
  beat(): void {
    if (this.#since !== undefined) void this.#beat().catch(() => {});
  }

  async #beat(): Promise<void> {
    const { pressures } = this.#parts;
    await this.#parts.writer.update(this.#nodes, undefined, this.#parts.name, 'status', (current) => ({ ...current, status: nodeStatus(this.#facts(), { since: this.#since, before: (current['status'] ?? {}) as JsonObject, pressures: pressures() }, this.#nowMs()) }), OPTIONS);
  }

  async #renew(uid: string): Promise<void> {
    const { writer, local, name } = this.#parts;
    const lease = nodeLease(name, uid, this.#nowMs());
    try {
      await writer.update(this.#leases, LEASES, name, undefined, (current) => ({ ...current, spec: { ...current['spec'] as JsonObject, ...lease['spec'] as JsonObject } }), OPTIONS);
    } catch (thrown) {
      if (!isKind(thrown, 'not-found')) throw thrown;
      await local.create(this.#leases, LEASES, lease);
    }
  }

  #nowMs(): number {
    return Number(this.#parts.clock.nowNs() / 1_000_000n);
  }

  #facts(): NodeFacts {
    const { name, address, version, facts } = this.#parts;
    return {
      name, address, version, cpus: facts.cpus, memoryBytes: facts.memoryBytes, architecture: facts.architecture, kernelVersion: facts.kernelVersion, osImage: facts.operatingSystem, machineId: machineId(facts.bootId), bootId: facts.bootId, diskBytes: diskBytes(dirname(this.#parts.volumes)), hugePages: hugePages(),
      runtimeVersion: `gantry://${facts.runtime.name}-${facts.runtime.version}`,
    };
  }
}

/** Where the machine has no name of its own, it is another one with each boot. */
function machineId(otherwise: string): string {
  try {
    return readFileSync(MACHINE_ID, 'utf8').trim() || otherwise;
  } catch {
    return otherwise;
  }
}

function diskBytes(path: string): number {
  const { blocks, bsize } = statfsSync(path);
  return blocks * bsize;
}

/** By size, as `2Mi`; none where the kernel has no such pages. */
function hugePages(): ReadonlyMap<string, number> {
  try {
    return new Map(readdirSync(HUGE_PAGES).flatMap((name) => {
      const kibibytes = Number(/^hugepages-(\d+)kB$/.exec(name)?.[1] ?? 0);
      const count = Number(readFileSync(`${HUGE_PAGES}/${name}/nr_hugepages`, 'utf8'));
      return kibibytes < 1024 ? [] : [[kibibytes >= 1024 * 1024 ? `${kibibytes / 1024 / 1024}Gi` : `${kibibytes / 1024}Mi`, count * kibibytes * 1024] as const];
    }).sort());
  } catch {
    return new Map();
  }
}
