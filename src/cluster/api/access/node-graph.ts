import type { Json, JsonObject } from '#base/json.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import { objectOf, objectsOf } from '../admission/pod-spec.ts';

export type ReferredKind = 'secrets' | 'configmaps' | 'persistentvolumeclaims' | 'serviceaccounts';

/** Which node has pods that need which objects: kept up with each change of a pod, so that a question costs one look (kubernetes.io, "Using Node Authorization"). */
export class NodeGraph {
  readonly #nodes = new Map<string, string>();
  /** Pods by what they refer to. */
  readonly #users = new Map<string, Set<string>>();

  /** @param pod as it is now, or as it last was where it is gone and `previous` is the same */
  take(pod: KubeObject, previous: KubeObject | undefined): void {
    if (previous !== undefined) this.#drop(previous);
    const node = nodeOf(pod);
    if (pod === previous || node === '') return;
    this.#nodes.set(placeOf(pod), node);
    for (const reference of referencesOf(pod)) this.#users.set(reference, (this.#users.get(reference) ?? new Set<string>()).add(placeOf(pod)));
  }

  refers(node: string, kind: ReferredKind, namespace: string, name: string): boolean {
    for (const pod of this.#users.get(`${kind}/${namespace}/${name}`) ?? []) if (this.#nodes.get(pod) === node) return true;
    return false;
  }

  has(node: string, namespace: string, pod: string): boolean {
    return this.#nodes.get(`${namespace}/${pod}`) === node;
  }

  #drop(pod: KubeObject): void {
    this.#nodes.delete(placeOf(pod));
    for (const reference of referencesOf(pod)) {
      const users = this.#users.get(reference);
      users?.delete(placeOf(pod));
      if (users?.size === 0) this.#users.delete(reference);
    }
  }
}

/** On which node a pod is to run; empty: on none yet. */
export function nodeOf(pod: KubeObject): string {
  const { nodeName } = objectOf(asJson(pod)['spec']);
  return typeof nodeName === 'string' ? nodeName : '';
}

const placeOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** A copy of a pod that a node runs by itself: it opens nothing to the node, which is who wrote it. */
export const isMirror = ({ metadata }: KubeObject): boolean => metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;

/** What the node needs to run a pod: `kind/namespace/name`. */
export function referencesOf(pod: KubeObject): readonly string[] {
  if (isMirror(pod)) return [];
  const spec = objectOf(asJson(pod)['spec']);
  const found: string[] = [];
  const add = (kind: ReferredKind, name: Json | undefined): void => {
    if (typeof name === 'string' && name !== '') found.push(`${kind}/${pod.metadata.namespace ?? ''}/${name}`);
  };
  add('serviceaccounts', spec['serviceAccountName']);
  for (const { name } of objectsOf(spec['imagePullSecrets'])) add('secrets', name);
  for (const list of ['containers', 'initContainers', 'ephemeralContainers']) for (const container of objectsOf(spec[list])) addEnvironment(container, add);
  for (const volume of objectsOf(spec['volumes'])) addVolume(pod, volume, add);
  return found;
}

type Add = (kind: ReferredKind, name: Json | undefined) => void;

function addEnvironment(container: JsonObject, add: Add): void {
  for (const from of objectsOf(container['envFrom'])) {
    add('secrets', objectOf(from['secretRef'])['name']);
    add('configmaps', objectOf(from['configMapRef'])['name']);
  }
  for (const each of objectsOf(container['env'])) {
    const from = objectOf(each['valueFrom']);
    add('secrets', objectOf(from['secretKeyRef'])['name']);
    add('configmaps', objectOf(from['configMapKeyRef'])['name']);
  }
}

function addVolume(pod: KubeObject, volume: JsonObject, add: Add): void {
  const source = (name: string): JsonObject => objectOf(volume[name]);
  add('secrets', source('secret')['secretName']);
  add('configmaps', source('configMap')['name']);
  for (const projected of objectsOf(source('projected')['sources'])) {
    add('secrets', objectOf(projected['secret'])['name']);
    add('configmaps', objectOf(projected['configMap'])['name']);
  }
  add('secrets', objectOf(source('csi')['nodePublishSecretRef'])['name']);
  add('persistentvolumeclaims', source('persistentVolumeClaim')['claimName']);
  if (volume['ephemeral'] !== undefined && typeof volume['name'] === 'string') add('persistentvolumeclaims', `${pod.metadata.name}-${volume['name']}`);
}
