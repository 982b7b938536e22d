import { matchesLabels } from '#cluster/api/labels.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { keyOf, splitKey } from '#cluster/loop/controller.ts';
import type { ObjectCache } from '#cluster/loop/object-cache.ts';
import type { Member, PolicyChanges, PolicyRules } from '#net/policy/model.ts';
import { isOver, specOf, statusOf } from '../pod.ts';
import { readPolicy, type Group, type ReadPolicy } from './read-policy.ts';

export interface PolicyObjects {
  readonly nodeName: string;
  readonly pods: ObjectCache;
  readonly namespaces: ObjectCache;
  readonly policies: ObjectCache;
  /** What a pod of the node has of IPv6, by its uid: the API does not say. */
  readonly address6Of: (uid: string) => string | undefined;
}

const PROTOCOLS = { TCP: 'tcp', UDP: 'udp', SCTP: 'sctp' } as const;

/** Which policies there are, and for each address of a pod which of them speak of it; and what of that has changed. */
export class PolicyIndex {
  readonly #objects: PolicyObjects;
  readonly #policies = new Map<string, ReadPolicy>();
  readonly #byNamespace = new Map<string, Map<string, ReadPolicy>>();
  readonly #groups = new Map<string, { readonly group: Group; users: number }>();
  /** Pods by address: one that ends and its successor may both say that they have it. */
  readonly #at = new Map<string, Set<string>>();
  readonly #addresses = new Map<string, string>();
  /** By uid: addresses of pods that have yet to tell of them. */
  readonly #placed = new Map<string, string>();
  readonly #told = new Set<string>();
  readonly #dirtyPolicies = new Set<string>();
  readonly #dirtyAddresses = new Set<string>();
  readonly #onDirty: () => void;

  constructor(objects: PolicyObjects, onDirty: () => void) {
    this.#objects = objects;
    this.#onDirty = onDirty;
    objects.policies.onChange((policy, previous) => this.#changePolicy(keyOf(policy), policy === previous ? undefined : policy));
    objects.pods.onChange((pod, previous) => this.#changePod(pod, previous));
    objects.namespaces.onChange((namespace, previous) => {
      if (same(namespace.metadata.labels, previous?.metadata.labels) && namespace !== previous) return;
      for (const pod of objects.pods.list(namespace.metadata.name)) this.#mark(this.#addresses.get(keyOf(pod)));
    });
  }

  /** The address of a pod that is about to start. @returns whether nobody has been told of it who has to be */
  place(pod: KubeObject, address: string): boolean {
    const { namespace, name, uid } = pod.metadata;
    if (this.#objects.pods.get(namespace, name)?.metadata.uid !== uid) return false;
    const before = this.#addresses.get(keyOf(pod));
    if (before === address && this.#told.has(address) && !this.#dirtyAddresses.has(address)) return false;
    if (statusOf(pod)['podIP'] !== address) this.#placed.set(uid, address);
    this.#move(keyOf(pod), address);
    for (const each of [before, address]) this.#mark(each);
    return this.#policies.size > 0;
  }

  isDirty(): boolean {
    return this.#dirtyPolicies.size + this.#dirtyAddresses.size > 0;
  }

  /** What changed since it was asked for last. */
  take(): PolicyChanges {
    const policies = new Map<string, PolicyRules | undefined>([...this.#dirtyPolicies].map((key) => [key, this.#policies.get(key)?.rules]));
    const members = new Map([...this.#dirtyAddresses].map((address) => [address, this.#memberAt(address)]));
    this.#dirtyPolicies.clear();
    this.#dirtyAddresses.clear();
    for (const address of members.keys()) this.#told.delete(address);
    return { policies, members };
  }

  /** What was taken is so from now on. */
  done({ members }: PolicyChanges): void {
    for (const [address, member] of members) if (member !== undefined) this.#told.add(address);
  }

  /** What was taken and could not be used. */
  giveBack({ policies, members }: PolicyChanges): void {
    for (const key of policies.keys()) this.#dirtyPolicies.add(key);
    for (const address of members.keys()) this.#dirtyAddresses.add(address);
  }

  #changePolicy(key: string, policy: KubeObject | undefined): void {
    const before = this.#policies.get(key);
    const now = policy === undefined ? undefined : readPolicy(policy);
    const isFirst = this.#policies.size === 0;
    this.#keep(key, now ?? before, now);
    this.#dirtyPolicies.add(key);
    const fresh = (now?.groups ?? []).filter((group) => this.#takeGroup(group));
    for (const { id } of before?.groups ?? []) this.#releaseGroup(id);
    const { pods } = this.#objects;
    if (isFirst || this.#policies.size === 0) for (const address of [...this.#at.keys(), ...this.#told]) this.#dirtyAddresses.add(address);
    else {
      const selected = [before, now].filter((each) => each !== undefined);
      const seen = fresh.some(({ namespaces }) => typeof namespaces !== 'string') ? pods.list() : [...new Set([...selected.map(({ namespace }) => namespace), ...fresh.map(({ namespaces }) => String(namespaces))])].flatMap((namespace) => pods.list(namespace));
      for (const pod of seen) {
        const isMeant = selected.some((each) => isSelected(each, pod)) || fresh.some((group) => this.#isIn(pod, group));
        if (isMeant) this.#mark(this.#addresses.get(keyOf(pod)));
      }
    }
    this.#onDirty();
  }

  #keep(key: string, either: ReadPolicy | undefined, now: ReadPolicy | undefined): void {
    const namespace = either?.namespace ?? '';
    const beside = this.#byNamespace.get(namespace) ?? new Map<string, ReadPolicy>();
    for (const all of [this.#policies, beside]) {
      if (now === undefined) all.delete(key);
      else all.set(key, now);
    }
    if (beside.size === 0) this.#byNamespace.delete(namespace);
    else this.#byNamespace.set(namespace, beside);
  }

  /** @returns whether no policy had it */
  #takeGroup(group: Group): boolean {
    const known = this.#groups.get(group.id);
    if (known === undefined) this.#groups.set(group.id, { group, users: 1 });
    else known.users += 1;
    return known === undefined;
  }

  #releaseGroup(id: string): void {
    const known = this.#groups.get(id);
    if (known !== undefined && (known.users -= 1) === 0) this.#groups.delete(id);
  }

  #changePod(pod: KubeObject, previous: KubeObject | undefined): void {
    const [key, isGone] = [keyOf(pod), pod === previous];
    const { uid } = pod.metadata;
    if (isGone || statusOf(pod)['podIP'] === this.#placed.get(uid)) this.#placed.delete(uid);
    if (previous !== undefined && previous.metadata.uid !== uid) this.#placed.delete(previous.metadata.uid);
    const [before, now] = [this.#addresses.get(key), isGone ? undefined : this.#addressOf(pod)];
    if (before === now && previous?.metadata.uid === uid && same(previous.metadata.labels, pod.metadata.labels)) return;
    this.#move(key, now);
    this.#mark(before);
    this.#mark(now);
  }

  #addressOf(pod: KubeObject): string | undefined {
    if (specOf(pod).hostNetwork === true || isOver(pod)) return undefined;
    const { podIP } = statusOf(pod);
    return this.#placed.get(pod.metadata.uid) ?? (typeof podIP === 'string' && podIP !== '' ? podIP : undefined);
  }

  #move(key: string, address: string | undefined): void {
    const before = this.#addresses.get(key);
    if (before === address) return;
    const left = this.#at.get(before ?? '');
    left?.delete(key);
    if (left?.size === 0) this.#at.delete(before ?? '');
    if (address === undefined) return void this.#addresses.delete(key);
    this.#addresses.set(key, address);
    this.#at.set(address, (this.#at.get(address) ?? new Set()).add(key));
  }

  /** Without policies nobody is told of any pod. */
  #mark(address: string | undefined): void {
    if (address === undefined || this.#policies.size === 0) return;
    this.#dirtyAddresses.add(address);
    this.#onDirty();
  }

  #memberAt(address: string): Member | undefined {
    if (this.#policies.size === 0 || !/^\d+\.\d+\.\d+\.\d+$/.test(address)) return undefined;
    const pods = [...this.#at.get(address) ?? []].flatMap((key) => {
      const { namespace, name } = splitKey(key);
      return this.#objects.pods.get(namespace, name) ?? [];
    });
    // It is given to another when the one before has ended, and that one's status may tell of it later.
    const pod = pods.toSorted((a, b) => Number(this.#placed.has(a.metadata.uid)) - Number(this.#placed.has(b.metadata.uid)) || (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? -1 : 1)).at(-1);
    if (pod === undefined) return undefined;
    const isHere = specOf(pod).nodeName === this.#objects.nodeName;
    const keys = [...this.#byNamespace.get(pod.metadata.namespace ?? '') ?? []].filter(([, { selects }]) => isHere && matchesLabels(selects, pod.metadata.labels ?? {}));
    const of = (direction: 'ingress' | 'egress'): string[] => keys.filter(([, { rules }]) => rules[direction] !== undefined).map(([key]) => key);
    const address6 = isHere ? this.#objects.address6Of(pod.metadata.uid) : undefined;
    return { address, ...(address6 === undefined ? {} : { address6 }), isolatedBy: { ingress: of('ingress'), egress: of('egress') }, groups: [...this.#groups.values()].filter(({ group }) => this.#isIn(pod, group)).map(({ group: { id } }) => id), ports: portsOf(pod) };
  }

  #isIn({ metadata: { namespace, labels = {} } }: KubeObject, { namespaces, pods }: Group): boolean {
    if (typeof namespaces === 'string' ? namespaces !== namespace : !matchesLabels(namespaces, this.#objects.namespaces.get(undefined, namespace ?? '')?.metadata.labels ?? {})) return false;
    return matchesLabels(pods, labels);
  }
}

function isSelected({ namespace, selects }: ReadPolicy, { metadata }: KubeObject): boolean {
  return metadata.namespace === namespace && matchesLabels(selects, metadata.labels ?? {});
}

function portsOf(pod: KubeObject): Member['ports'] {
  const { containers, initContainers = [] } = specOf(pod);
  return [...initContainers, ...containers].flatMap(({ ports = [] }) => ports.flatMap(({ name = '', protocol = 'TCP', containerPort: port }) => {
    const known = Object.entries(PROTOCOLS).find(([each]) => each === protocol)?.[1];
    return name === '' || known === undefined ? [] : [{ name, protocol: known, port }];
  }));
}
