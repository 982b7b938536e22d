import { GantryError } from '#base/error.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { milliValue, parseQuantity, wholeValue } from '#cluster/kinds/quantity.ts';
import type { NodeRoom } from './resize.ts';
import { specOf, type EnvVar, type KeyReference, type PodContainer } from './pod.ts';

/** What the environment of a container is made from, beside the pod. */
export interface EnvSources {
  /** Texts of a ConfigMap or Secret of the pod's namespace; undefined where there is none. */
  configMap(name: string): ReadonlyMap<string, string> | undefined;
  secret(name: string): ReadonlyMap<string, string> | undefined;
  /** Variables that name services. */
  readonly services: ReadonlyMap<string, string>;
  readonly podIp: string;
  readonly hostIp: string;
  /** What pods have of the node: the bound of a container that has none. */
  readonly room: NodeRoom;
}

/** `NAME=value` of a container, in order; what comes later sees what came before. @throws GantryError not-found */
export function environmentOf(pod: KubeObject, container: PodContainer, sources: EnvSources): string[] {
  const values = new Map(sources.services);
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const found = configMapRef !== undefined ? textsOf('configmap', configMapRef, sources.configMap(configMapRef.name)) : secretRef !== undefined ? textsOf('secret', secretRef, sources.secret(secretRef.name)) : undefined;
    for (const [name, value] of found ?? []) values.set(`${prefix}${name}`, value);
  }
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom === undefined ? expand(variable.value ?? '', values) : valueFrom(pod, container, variable, sources);
    if (value !== undefined) values.set(variable.name, value);
  }
  return [...values].map(([name, value]) => `${name}=${value}`);
}

function textsOf(what: string, { name, optional }: { readonly name: string; readonly optional?: boolean }, found: ReadonlyMap<string, string> | undefined): ReadonlyMap<string, string> | undefined {
  if (found === undefined && optional !== true) throw new GantryError('not-found', `${what} "${name}" not found`);
  return found;
}

function keyOf(what: string, reference: KeyReference, found: ReadonlyMap<string, string> | undefined): string | undefined {
  const value = textsOf(what, reference, found)?.get(reference.key);
  if (value === undefined && reference.optional !== true) throw new GantryError('not-found', `couldn't find key ${reference.key} in ${what === 'configmap' ? 'ConfigMap' : 'Secret'} ${reference.name}`);
  return value;
}

function valueFrom(pod: KubeObject, container: PodContainer, { valueFrom: from }: EnvVar, sources: EnvSources): string | undefined {
  if (from?.configMapKeyRef !== undefined) return keyOf('configmap', from.configMapKeyRef, sources.configMap(from.configMapKeyRef.name));
  if (from?.secretKeyRef !== undefined) return keyOf('secret', from.secretKeyRef, sources.secret(from.secretKeyRef.name));
  if (from?.fieldRef !== undefined) return fieldOf(pod, from.fieldRef.fieldPath, sources);
  if (from?.resourceFieldRef !== undefined) return resourceOf(pod, container, from.resourceFieldRef, sources.room);
  return '';
}

/** The downward API (kubernetes.io, "Available fields"). */
export function fieldOf(pod: KubeObject, path: string, { podIp, hostIp }: Pick<EnvSources, 'podIp' | 'hostIp'>): string {
  const { metadata } = pod;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''] ?? '';
  switch (path) {
    case 'metadata.name': return metadata.name;
    case 'metadata.namespace': return metadata.namespace ?? '';
    case 'metadata.uid': return metadata.uid;
    case 'metadata.labels': return linesOf(metadata.labels ?? {});
    case 'metadata.annotations': return linesOf(metadata.annotations ?? {});
    case 'spec.nodeName': return specOf(pod).nodeName ?? '';
    case 'spec.serviceAccountName': return specOf(pod).serviceAccountName ?? 'default';
    case 'status.podIP': case 'status.podIPs': return podIp;
    case 'status.hostIP': case 'status.hostIPs': return hostIp;
    default: throw new GantryError('invalid', `unsupported fieldPath: ${path}`);
  }
}

const linesOf = (values: Readonly<Record<string, string>>): string => Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`).sort().join('\n');

/** An amount that a container asks for or is bounded by, in units of the divisor, rounded up. */
export function resourceOf(pod: KubeObject, container: PodContainer, { resource, containerName, divisor }: { readonly resource: string; readonly containerName?: string; readonly divisor?: string }, { cpuMilli, memoryBytes }: NodeRoom): string {
  const { containers, initContainers = [] } = specOf(pod);
  const of = containerName === undefined ? container : [...containers, ...initContainers].find(({ name }) => name === containerName) ?? container;
  const [list, name = ''] = resource.split('.');
  const room: Readonly<Record<string, string>> = { cpu: `${cpuMilli}m`, memory: String(memoryBytes) };
  const text = list === 'limits' ? of.resources?.limits?.[name] ?? room[name] : of.resources?.requests?.[name];
  if (text === undefined) return '0';
  const isCpu = name === 'cpu';
  const value = isCpu ? milliValue(parseQuantity(text)) : wholeValue(parseQuantity(text));
  const by = divisor === undefined || divisor === '0' ? (isCpu ? 1000n : 1n) : isCpu ? milliValue(parseQuantity(divisor)) : wholeValue(parseQuantity(divisor));
  return String(by <= 0n ? value : (value + by - 1n) / by);
}

/** `$(NAME)` of what is known, `$$` for a dollar; what is not known stays as it stands. */
export function expand(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^()]*)\))/g, (whole, inner: string, name: string | undefined) => inner === '$' ? '$' : values.get(name ?? '') ?? whole);
}
