import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * What a daemon has on this machine, told by the kernel and the file system alone: nothing of the daemon's own code or
 * state is asked.
 */
export interface Footprint {
  /** Links of containers at its bridge. */
  readonly links: readonly string[];
  readonly cgroups: readonly string[];
  readonly monitors: readonly string[];
  /** Elements of its published port maps. */
  readonly ports: readonly string[];
  readonly bundles: readonly string[];
  readonly snapshots: readonly string[];
  readonly kept: readonly string[];
  readonly mounts: readonly string[];
  readonly temporary: readonly string[];
}

function names(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).sort() : [];
}

/** With the last part of the directory, so that a leak tells whose it is. */
function below(directory: string): string[] {
  return names(directory).map((name) => `${directory.slice(directory.lastIndexOf("/") + 1)}/${name}`);
}

function linksOf(bridge: string): string[] {
  return names(`/sys/class/net/${bridge}/brif`);
}

function cgroupsOf(name: string): string[] {
  const roots = existsSync('/sys/fs/cgroup/cgroup.controllers') ? ['/sys/fs/cgroup'] : names('/sys/fs/cgroup').map((hierarchy) => `/sys/fs/cgroup/${hierarchy}`);
  const found = roots.flatMap((root) => (existsSync(`${root}/${name}`) ? readdirSync(`${root}/${name}`, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name) : []));
  return [...new Set(found)].sort();
}

function processesNaming(text: string): string[] {
  return names('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[0]?.endsWith('conmon') === true && words.some((word) => word.includes(text)) ? [words[words.indexOf('--cid') + 1] ?? pid] : [];
    } catch {
      return [];
    }
  }).sort();
}

/** Mounts below the root or run directory in any mount namespace of the machine. */
function mountsBelow(...directories: readonly string[]): string[] {
  const seen = new Set<string>();
  const found = new Set<string>();
  for (const pid of names('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const namespace = readlinkSync(`/proc/${pid}/ns/mnt`);
      if (seen.has(namespace)) continue;
      seen.add(namespace);
      for (const line of readFileSync(`/proc/${pid}/mountinfo`, 'utf8').split('\n')) {
        const target = line.split(' ')[4] ?? '';
        if (directories.some((directory) => target.startsWith(`${directory}/`))) found.add(target);
      }
    } catch {
      continue;
    }
  }
  return [...found].sort();
}

function publishedPorts(table: string): string[] {
  try {
    const text = execFileSync('nft', ['list', 'table', 'inet', table], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return [...text.matchAll(/(?:tcp|udp|\b6|\b17) \. (\d+) : [0-9a-f.:]+ \. \d+/g)].map(([element]) => element).sort();
  } catch {
    return [];
  }
}

export function footprint(place: { root: string; run: string; bridge: string; table: string; cgroup: string }): Footprint {
  return {
    links: linksOf(place.bridge), cgroups: cgroupsOf(place.cgroup.replace(/^\//, '')), monitors: processesNaming(place.run), ports: publishedPorts(place.table),
    bundles: names(`${place.run}/containers`), snapshots: names(`${place.root}/snapshots/containers`).filter((name) => name !== '.empty'), kept: names(`${place.root}/containers`),
    mounts: mountsBelow(place.root, place.run),
    temporary: [...below(`${place.root}/staging`), ...below(`${place.run}/execs`), ...below(`${place.run}/exits`), ...below(`${place.run}/runtime`), ...names(`${place.root}/snapshots/layers`).filter((name) => name.startsWith('.'))],
  };
}
