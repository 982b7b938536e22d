import { networkInterfaces } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Timers } from '#base/clock.ts';
import { SystemRandom } from '#base/edge/system-random.ts';
import type { Random } from '#base/random.ts';
import { Admission } from '#cluster/api/admission.ts';
import { WebhookConverter } from '#cluster/api/custom/webhook-converter.ts';
import { WebhookClient } from '#cluster/api/edge/webhook-client.ts';
import { FieldManager } from '#cluster/api/apply/field-manager.ts';
import { ObjectStore } from '#cluster/api/object-store.ts';
import type { ObjectView } from '#cluster/api/object-view.ts';
import { ObjectWriter } from '#cluster/api/object-writer.ts';
import type { VersionConverter } from '#cluster/api/version-converter.ts';
import { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import { compiledKind } from '#cluster/kinds/custom/custom-kind.ts';
import type { KindRules } from '#cluster/kinds/kind-rules.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { rulesOf } from '#cluster/kinds/rules-of.ts';
import { schemaPackages } from '#cluster/kinds/schema-packages.ts';
import { SchemaSet } from '#cluster/kinds/schema-set.ts';
import { ControllerRuntime } from '#cluster/loop/controller-runtime.ts';
import { LocalWriter } from '#cluster/loop/local-writer.ts';
import type { NodeEngine } from '#container/engine/port.ts';
import type { SoftEviction, StoreRequest } from '#docker/edge/cluster-control.ts';
import type { AuditRequest } from '#docker/edge/cluster-control.ts';
import type { Store } from '#store/store.ts';

export interface ClusterParts {
  readonly engine: NodeEngine;
  /** Where the cluster keeps what it knows. */
  readonly root: string;
  readonly address: string;
  readonly port: number;
  /** Addresses for services; absent: chosen. */
  readonly serviceRange?: string;
  readonly audit?: AuditRequest;
  /** When the node evicts pods, as of the kubelet's `--eviction-hard`; absent: as the kubelet does. */
  readonly evictionHard?: string;
  readonly evictionSoft?: SoftEviction;
  /** Absent: the store that it has, or a file. */
  readonly storage?: StoreRequest;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** What all parts of a cluster stand on: its objects, who reads them, who writes them. */
export interface ClusterCore {
  readonly engine: NodeEngine;
  readonly root: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: (line: string) => void;
  /** The node's name, and its address for others. */
  readonly node: string;
  readonly hostIp: string;
  readonly store: Store;
  readonly objects: ObjectStore;
  readonly registry: ResourceRegistry;
  readonly schemas: SchemaSet;
  readonly fields: FieldManager;
  readonly view: ObjectView;
  /** Asks webhooks, of what is written and of versions of custom kinds. */
  readonly webhooks: WebhookClient;
  readonly converter: VersionConverter;
  readonly runtime: ControllerRuntime;
  readonly writer: ObjectWriter;
  /** Writes as the controllers. */
  readonly local: LocalWriter;
  readonly rulesOf: (of: ResourceDefinition) => KindRules;
  /** Arranged before anything is written. */
  readonly admission: Admission;
  /** A kind of upstream's, in `v1`. */
  resource(plural: string, group?: string): ResourceDefinition;
}

export function makeCore({ engine, root, clock, log }: ClusterParts, store: Store, timers: Timers): ClusterCore {
  const [registry, schemas, random, webhooks] = [new ResourceRegistry(builtInResources), new SchemaSet(schemaPackages), new SystemRandom(), new WebhookClient()];
  const view: ObjectView = { list: (name, namespace) => runtime.cache(name).list(namespace), get: (name, namespace, object) => runtime.cache(name).get(namespace, object) };
  const converter = new WebhookConverter({ view, caller: webhooks, random });
  const objects = new ObjectStore(store, converter);
  const [admission, fields] = [new Admission(), new FieldManager(schemas)];
  const writer = new ObjectWriter({ objects, rulesOf: kindRules, admission, fields, clock, random, turn: nextTurn });
  const local = new LocalWriter(writer, 'system:controllers');
  const runtime = new ControllerRuntime({ objects, registry, writer: local, clock, timers, log: (line) => log(`cluster: ${line}`) });
  return {
    engine, root, clock, timers, random, log, node: engine.info.facts.hostname.toLowerCase(), hostIp: ownAddress(), store, objects, registry, schemas, fields, runtime, writer, local, rulesOf: kindRules, admission,
    view, webhooks, converter,
    resource(plural, group = '') {
      const found = registry.find(group, 'v1', plural);
      if (found === undefined) throw new TypeError(`no resource ${plural}`);
      return found;
    },
  };
}

function kindRules(of: ResourceDefinition): KindRules {
  return of.custom === undefined ? rulesOf(of) : compiledKind(of.custom).rules;
}

/** The host's first address that others may reach it by; its own where it has none. */
function ownAddress(): string {
  const addresses = Object.entries(networkInterfaces()).filter(([name]) => !/^(lo|docker|br-|gantry|veth|gv)/.test(name)).flatMap(([, all]) => all ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}
