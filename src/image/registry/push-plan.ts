import type { Digest } from '#image/oci/digest.ts';
import { fullName, type Reference } from '#image/oci/reference.ts';

/** What is known of a layer in registries. */
export interface KnownBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  /** Full names of repositories that have it, the latest first. */
  readonly repositories: readonly string[];
}

export type LayerPlan =
  /** The repository had it: look, and upload only where that is no longer so. */
  | { readonly kind: 'look'; readonly blob: KnownBlob }
  /** Another repository of the same registry had it: look, then ask the registry to take it from there. */
  | { readonly kind: 'mount'; readonly blob: KnownBlob; readonly from: string }
  | { readonly kind: 'upload' };

/** How a layer best comes to a repository. */
export function planLayer(known: KnownBlob | undefined, target: Reference): LayerPlan {
  if (known === undefined) return { kind: 'upload' };
  if (known.repositories.includes(fullName(target))) return { kind: 'look', blob: known };
  const prefix = `${target.domain}/`;
  const neighbour = known.repositories.find((repository) => repository.startsWith(prefix));
  return neighbour === undefined ? { kind: 'look', blob: known } : { kind: 'mount', blob: known, from: neighbour.slice(prefix.length) };
}
