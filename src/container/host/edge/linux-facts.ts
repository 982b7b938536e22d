import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import { GantryError } from '#base/error.ts';
import type { HostFacts, Runtime } from '../facts.ts';
import { boundingSet } from './linux/bounding-set.ts';
import type { CgroupLayout } from './linux/cgroup-layout.ts';
import { PROGRAM_ENV } from './host-context.ts';
import { bootId } from './linux/processes.ts';
import { run } from './linux/run.ts';

const DIRECTORIES = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/libexec/podman'];
const MACHINES: Readonly<Record<string, { machine: string; architecture: string }>> = {
  x64: { machine: 'x86_64', architecture: 'amd64' },
  arm64: { machine: 'aarch64', architecture: 'arm64' },
};

export async function findProgram(name: string): Promise<string> {
  for (const directory of DIRECTORIES) {
    const path = `${directory}/${name}`;
    if (await access(path, constants.X_OK).then(() => true, () => false)) return path;
  }
  throw new GantryError('unavailable', `${name} is not installed`, { subject: `program ${name}`, hint: `apt-get install ${name}` });
}

async function versionOf(path: string): Promise<string> {
  const { stdout } = await run({ path, argv: [path, '--version'], env: PROGRAM_ENV, timeoutMs: 5000, maxOutputBytes: 65_536 });
  return /\d+\.\d+(\.\d+)?/.exec(stdout.toString())?.[0] ?? 'unknown';
}

function osRelease(): { name: string; version: string } {
  const text = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const field = (name: string): string => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { name: field('PRETTY_NAME') || 'Linux', version: field('VERSION_ID') };
}

async function otherRuntimes(chosen: Runtime['name']): Promise<Runtime[]> {
  const others = (['crun', 'runc'] as const).filter((name) => name !== chosen);
  const found = await Promise.all(others.map(async (name): Promise<Runtime | undefined> => {
    const path = await findProgram(name).catch(() => undefined);
    return path === undefined ? undefined : { name, path, version: await versionOf(path) };
  }));
  return found.filter((runtime) => runtime !== undefined);
}

/** A kernel without NUMA has one, and no directory of it. */
function countMemoryNodes(): number {
  try {
    return Math.max(1, readdirSync('/sys/devices/system/node').filter((name) => /^node[0-9]+$/.test(name)).length);
  } catch {
    return 1;
  }
}

/** On v1 the files are there only with a scheduler that weighs (BFQ, or CFQ of old). */
function hasBlockWeights(cgroups: CgroupLayout): boolean {
  if (cgroups.version === 'v2') return /\bio\b/.test(readFileSync(`${cgroups.root}/cgroup.controllers`, 'utf8'));
  const blkio = cgroups.hierarchies.find(({ controllers }) => controllers.includes('blkio'))?.root;
  return blkio !== undefined && (existsSync(`${blkio}/blkio.weight`) || existsSync(`${blkio}/blkio.bfq.weight`));
}

/** @throws GantryError unavailable where a program that the engine needs is missing; the hint installs it */
export async function readHostFacts(runtime: 'crun' | 'runc', cgroups: CgroupLayout): Promise<{ facts: HostFacts; monitorPath: string }> {
  const [runtimePath, monitorPath] = [await findProgram(runtime), await findProgram('conmon')];
  const chosen: Runtime = { name: runtime, path: runtimePath, version: await versionOf(runtimePath) };
  const { name, version } = osRelease();
  const { machine, architecture } = MACHINES[arch()] ?? { machine: arch(), architecture: arch() };
  const facts: HostFacts = {
    hostname: hostname(), kernelVersion: release(), operatingSystem: name, osVersion: version, machine, architecture,
    cpus: availableParallelism(), memoryNodes: countMemoryNodes(), memoryBytes: totalmem(), cgroupVersion: cgroups.version === 'v2' ? 2 : 1, bootId: bootId(),
    runtime: chosen, runtimes: [chosen, ...await otherRuntimes(runtime)],
    // A daemon in a container or a small VM may lack some: to ask for one of those fails a whole start.
    capabilityBits: boundingSet(readFileSync('/proc/self/status', 'utf8')),
    monitorVersion: await versionOf(monitorPath), hasIpv6: existsSync('/proc/net/if_inet6'), hasBlockWeights: hasBlockWeights(cgroups),
  };
  return { facts, monitorPath };
}
