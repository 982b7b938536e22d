import { matchesNodeTerms } from '#cluster/api/node-selector.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { parseQuantity } from '#cluster/kinds/quantity.ts';
import { selectsBy } from './adoption.ts';
import { isDeleted } from './owned.ts';
import { claimSpec, isReservedFor, volumeSpec } from './volume-shape.ts';

/** The smallest free volume that has what a claim asks for; one that waits for this claim comes first. @param node where it is needed */
export function matchVolume(claim: KubeObject, volumes: readonly KubeObject[], node: KubeObject | undefined): KubeObject | undefined {
  const fitting = volumes.filter((volume) => !isDeleted(volume) && fits(claim, volume) && (node === undefined || isReachable(volume, node)));
  return fitting.find((volume) => isReservedFor(volume, claim)) ?? fitting.sort((a, b) => (storageOf(a) < storageOf(b) ? -1 : storageOf(a) > storageOf(b) ? 1 : 0))[0];
}

const nano = (text: string | undefined): bigint => text === undefined ? 0n : parseQuantity(text).nano;
const storageOf = (volume: KubeObject): bigint => nano(volumeSpec(volume).capacity?.['storage']);

function fits(claim: KubeObject, volume: KubeObject): boolean {
  const [asked, has] = [claimSpec(claim), volumeSpec(volume)];
  return (has.claimRef === undefined || isReservedFor(volume, claim))
    && (has.storageClassName ?? '') === (asked.storageClassName ?? '')
    && (has.volumeMode ?? 'Filesystem') === (asked.volumeMode ?? 'Filesystem')
    && (asked.accessModes ?? []).every((mode) => has.accessModes?.includes(mode) === true)
    && storageOf(volume) >= nano(asked.resources?.requests?.['storage'])
    && (asked.selector === undefined || selectsBy(asked.selector, volume));
}

/** Whether a node may mount a volume. */
export function isReachable(volume: KubeObject, { metadata }: Pick<KubeObject, 'metadata'>): boolean {
  const { nodeAffinity } = volumeSpec(volume);
  return nodeAffinity?.required === undefined || matchesNodeTerms(nodeAffinity.required.nodeSelectorTerms ?? [], { name: metadata.name, labels: metadata.labels ?? {} });
}
