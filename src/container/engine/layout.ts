import type { Hasher } from '#base/hasher.ts';

export const DEFAULT_ROOT = '/var/lib/gantry';

/** Where an engine keeps its things, and what it calls those of the kernel. */
export interface Layout {
  readonly root: string;
  readonly run: string;
  readonly bridge: string;
  readonly table: string;
  readonly cgroup: string;
}

/** Names derive from the root: engines with different roots never meet, and a leak tells whose it is. */
export function layoutOf(root: string, run: string, hasher: Hasher): Layout {
  if (root === DEFAULT_ROOT) return { root, run, bridge: 'gantry0', table: 'gantry', cgroup: '/gantry' };
  const tag = hasher.sha256(new TextEncoder().encode(root)).slice(0, 8);
  return { root, run, bridge: `gantry-${tag}`, table: `gantry_${tag}`, cgroup: `/gantry-${tag}` };
}

/** The table of services, beside that of networks. */
export function serviceTableOf({ table }: Layout): string {
  return `${table}_services`;
}

/** The table of policies, beside both. */
export function policyTableOf({ table }: Layout): string {
  return `${table}_policies`;
}

/** The directory of a container's present run: it goes when the run has ended. */
export function bundleOf(layout: Layout, id: string): string {
  return `${layout.run}/containers/${id}`;
}

/** What a container keeps between runs: log and generated files. */
export function keptOf(layout: Layout, id: string): string {
  return `${layout.root}/containers/${id}`;
}

export function logPathOf(layout: Layout, id: string): string {
  return `${keptOf(layout, id)}/container.log`;
}

/** Below the engine's own group, or the parent that the container asked for. */
export function cgroupOf(layout: Layout, { id, cgroupParent }: { readonly id: string; readonly cgroupParent?: string }): string {
  return `${cgroupParent ?? layout.cgroup}/${id}`;
}

export function volumePathOf(layout: Layout, name: string): string {
  return `${layout.root}/volumes/${name}/_data`;
}
