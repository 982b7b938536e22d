import { GantryError } from '#base/error.ts';
import type { JsonObject } from '#base/json.ts';
import { containersOfPod, SANDBOX_NAME } from '#cluster/agent/observed.ts';
import { renderWhy, whyPod } from '#cluster/agent/why-pod.ts';
import type { KubeObject, OwnerReference } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ClusterCore } from './cluster-core.ts';

/** Owners of owners are few; a ring of them ends here. */
const MOST_OWNERS = 8;

/** `GET /cluster/why`: what is known of a pod, gathered. GantryError not-found where there is none of that name. */
export async function podWhy(core: ClusterCore, namespace: string, name: string): Promise<JsonObject> {
  const pods = core.resource('pods');
  const pod = await core.objects.find(pods, namespace, name);
  if (pod === undefined) throw new GantryError('not-found', `no such pod: ${name} in the namespace ${namespace}`, { hint: 'kubectl get pods -A lists all of them' });
  const owners = await ownersOf(core, pod);
  const concerned = new Set([pod, ...owners].map(({ metadata }) => metadata.uid));
  const events = (await core.objects.list(core.resource('events'), namespace)).items.filter((event) => concerned.has((event['involvedObject'] as { readonly uid?: string } | undefined)?.uid ?? ''));
  const containers = containersOfPod(core.engine.containers.list(), pod.metadata.uid).filter((each) => each.name !== SANDBOX_NAME)
    .map((each) => ({ name: each.name, attempt: each.attempt, because: core.engine.containers.why(each.id) }));
  const status = core.rulesOf(pods).columns?.find((column) => column.name === 'Status')?.cell(pod, Number(core.clock.nowNs() / 1_000_000n));
  return renderWhy(String(status), pod, whyPod({ pod, owners, events, containers }));
}

/** Those that control it, the nearest first. */
async function ownersOf({ objects, registry }: ClusterCore, pod: KubeObject): Promise<readonly KubeObject[]> {
  const owners: KubeObject[] = [];
  for (let object: KubeObject | undefined = pod; object !== undefined && owners.length < MOST_OWNERS;) {
    const reference: OwnerReference | undefined = object.metadata.ownerReferences?.find(({ controller }) => controller === true);
    const of: ResourceDefinition | undefined = reference && registry.ofKind(reference.apiVersion, reference.kind);
    const owner: KubeObject | undefined = reference && of && await objects.find(of, of.namespaced ? pod.metadata.namespace : undefined, reference.name);
    // Another one may have got its name.
    object = owner?.metadata.uid === reference?.uid ? owner : undefined;
    if (object !== undefined) owners.push(object);
  }
  return owners;
}
