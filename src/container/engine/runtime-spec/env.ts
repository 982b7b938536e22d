import type { ContainerSpec } from '#container/model/container-spec.ts';

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function nameOf(entry: string): string {
  const end = entry.indexOf('=');
  return end < 0 ? entry : entry.slice(0, end);
}

/** Later entries replace earlier ones in place; an entry without `=` takes the name away. */
export function mergeEnv(...lists: readonly (readonly string[])[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of lists.flat()) {
    if (entry.includes('=')) byName.set(nameOf(entry), entry);
    else byName.delete(entry);
  }
  return [...byName.values()];
}

/** The environment of a container's first process: PATH, HOSTNAME, TERM and HOME unless it was told otherwise. */
export function containerEnv(spec: ContainerSpec, home: string): string[] {
  const base = [`PATH=${DEFAULT_PATH}`, ...(spec.owner.front === 'build' ? [] : [`HOSTNAME=${spec.sandbox.hostname}`]), ...(spec.process.terminal ? ['TERM=xterm'] : [])];
  const merged = mergeEnv(base, spec.process.env);
  return merged.some((entry) => entry.startsWith('HOME=')) ? merged : [...merged, `HOME=${home}`];
}
