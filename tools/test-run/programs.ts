import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { debianSources } from './debian-sources.ts';
import { whyOlderCli } from './docker-cli.ts';
import { isOnPath } from './on-path.ts';

/** The latest version of the docker command that a scenario asks for. */
const NEWEST_ASKED = 28;

interface Program {
  readonly name: string;
  /** Debian packages that have it, the first that exists is taken. */
  readonly packages: readonly string[];
}

/** Clients that scenarios drive Gantry with. A scenario whose client is missing is skipped with that reason. */
const programs: readonly Program[] = [
  // Where the newest can't be had, of Debian's release.
  { name: 'docker', packages: ['docker-cli', 'docker.io'] },
  { name: 'docker-registry', packages: ['docker-registry'] },
];

/** Programs of the system that tests, or what they test, call by their usual paths. */
const systemPrograms: readonly { readonly name: string; readonly debianPackage: string }[] = [
  { name: 'gcc', debianPackage: 'gcc' },
  { name: 'git', debianPackage: 'git' },
  { name: 'ps', debianPackage: 'procps' },
  { name: 'runc', debianPackage: 'runc' },
  { name: 'skopeo', debianPackage: 'skopeo' },
  { name: 'ssh-agent', debianPackage: 'openssh-client' },
  { name: 'strace', debianPackage: 'strace' },
];

/** Packages that bring no program; the command fails where they are missing. */
const systemLibraries: readonly { readonly probe: readonly [string, ...string[]]; readonly debianPackage: string }[] = [
  { probe: ['/usr/bin/test', '-e', '/usr/include/stdio.h'], debianPackage: 'libc6-dev' },
  { probe: ['/usr/bin/python3', '-c', 'import docker'], debianPackage: 'python3-docker' },
  { probe: ['/usr/bin/python3', '-c', 'import kubernetes'], debianPackage: 'python3-kubernetes' },
];

/** Installs those that are missing, as root and on Debian; elsewhere the tests that need them are skipped or say so. */
export function installSystemPrograms(): void {
  const path = process.env['PATH'] ?? '';
  const libraries = systemLibraries.filter(({ probe: [program, ...args] }) => spawnSync(program, args, { stdio: 'ignore' }).status !== 0);
  const missing = [...systemPrograms.filter(({ name }) => !isOnPath(name, path)), ...libraries].map(({ debianPackage }) => debianPackage);
  if (missing.length === 0 || process.getuid?.() !== 0 || !isOnPath('apt-get', path)) return;
  console.log(`tests: installing Debian packages: ${missing.join(' ')}`);
  const install = (): boolean => spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...missing], { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
  if (install()) return;
  spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' });
  if (!install()) console.log(`tests: ${missing.join(' ')} could not be installed`);
}

/**
 * Gets the missing ones, as root and on Debian, and answers with the PATH that has them. Packages are unpacked
 * into the checkout, not installed: docker.io would start a daemon on the machine.
 */
export async function providePrograms(root: string): Promise<string> {
  const store = join(root, '.cache/programs');
  const path = [...newestDocker(root), process.env['PATH'] ?? '', join(store, 'usr/bin')].join(delimiter);
  const missing = programs.filter(({ name }) => !isOnPath(name, path));
  if (missing.length === 0) return path;
  const names = missing.map(({ name }) => name).join(', ');
  if (process.getuid?.() !== 0 || !isOnPath('apt-get', path)) {
    console.log(`scenarios: ${names} missing; what needs them is skipped`);
    return path;
  }
  console.log(`scenarios: unpacking ${names} from Debian packages into .cache/programs`);
  mkdirSync(store, { recursive: true });
  for (const program of missing) {
    if (!unpack(program, store)) console.log(`scenarios: no Debian package brought ${program.name}; what needs it is skipped`);
  }
  return path;
}

/** The folder of Debian's newest docker command, where the machine has one that can't do all that the scenarios ask, or none. */
function newestDocker(root: string): string[] {
  if (whyOlderCli(NEWEST_ASKED) === false) return [];
  const { path } = debianSources(root, 'docker-cli');
  return path === undefined ? [] : [join(path, 'usr/bin')];
}

function unpack({ name, packages }: Program, store: string): boolean {
  const download = (): boolean => packages.some((from) => spawnSync('apt-get', ['download', '-q', from], { cwd: store, stdio: 'ignore' }).status === 0);
  if (!download() && !(spawnSync('apt-get', ['update', '-q'], { stdio: 'ignore' }).status === 0 && download())) return false;
  for (const archive of readdirSync(store).filter((file) => file.endsWith('.deb'))) {
    spawnSync('dpkg-deb', ['-x', archive, '.'], { cwd: store, stdio: 'ignore' });
    rmSync(join(store, archive));
  }
  return isOnPath(name, join(store, 'usr/bin'));
}
