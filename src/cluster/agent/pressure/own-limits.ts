import { parseQuantity, wholeValue } from '#cluster/kinds/quantity.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { specOf } from '../pod.ts';

const bytesOf = (text: string): number => Number(wholeValue(parseQuantity(String(text))));

/** Volumes on the disk that have a size, which no file system keeps. */
export function limitedVolumes(pod: KubeObject): ReadonlyMap<string, string> {
  return new Map((specOf(pod).volumes ?? []).flatMap(({ name, emptyDir }) => {
    const { medium = '', sizeLimit } = (emptyDir ?? {}) as { readonly medium?: string; readonly sizeLimit?: string };
    return medium === '' && sizeLimit !== undefined && bytesOf(sizeLimit) > 0 ? [[name, sizeLimit] as const] : [];
  }));
}

/** Names of containers that may write only so much. */
export function limitedContainers(pod: KubeObject): ReadonlyMap<string, string> {
  const { containers, initContainers = [] } = specOf(pod);
  return new Map([...containers, ...initContainers].flatMap(({ name, resources }) => {
    const limit = resources?.limits?.['ephemeral-storage'];
    return limit === undefined ? [] : [[name, limit] as const];
  }));
}

/**
 * Why a pod has to go that took more of the disk than it may; undefined where it did not.
 * @param volumes bytes of each limited volume @param containers bytes that each limited container wrote
 */
export function overOwnLimits(pod: KubeObject, volumes: ReadonlyMap<string, number>, containers: ReadonlyMap<string, number>): string | undefined {
  for (const [name, limit] of limitedVolumes(pod)) if ((volumes.get(name) ?? 0) > bytesOf(limit)) return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}".`;
  for (const [name, limit] of limitedContainers(pod)) if ((containers.get(name) ?? 0) > bytesOf(limit)) return `Container ${name} exceeded its local ephemeral storage limit "${limit}".`;
  return undefined;
}
