import type { Arrival } from '#image/snapshot/tree-work.ts';
import type { LayerRef } from './operation.ts';

/** What a step brought: layers, lowest first, or a directory of this host. */
export type StepResult =
  | { readonly kind: 'layers'; readonly layers: readonly LayerRef[] }
  /** `key` names the directory while the build holds it, and is where its digests are found. For what it gives away see `TreeSource`. */
  | { readonly kind: 'directory'; readonly key: string; readonly path: string; readonly gives?: readonly string[]; readonly arriving?: Arrival };

export function chainOf(result: StepResult): readonly string[] {
  return result.kind === 'layers' ? result.layers.map(({ chain }) => chain) : [];
}
