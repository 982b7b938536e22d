import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { ownMirror } from '../../bench/peers/debian-mirror.ts';
import { isOnPath } from './on-path.ts';

/** Reference data of other projects, read where Debian's newest package puts it; or why it is not there. */
export type DebianSources = { readonly path: string; readonly missing: false } | { readonly path: undefined; readonly missing: string };

const SUITE = 'sid';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
const LIMIT_MS = 180_000;

/** Where Go sources lie inside an unpacked `-dev` package. */
export const GO_SOURCES = 'usr/share/gocode/src';

/**
 * The root of an unpacked package of Debian sid, as `<path>/usr/share/...`. The package is downloaded once into the
 * checkout's `.cache/debian-sources/NAME`, with lists and caches of its own, so that the machine's apt never learns of
 * sid; nothing is installed. Several test files may ask at the same time. `missing` is a reason to skip with:
 *
 *     const sources = debianSources(root, 'golang-github-docker-docker-dev');
 *     test('...', { skip: sources.missing }, () => readFileSync(join(sources.path!, ...)));
 */
export function debianSources(root: string, name: string): DebianSources {
  const store = join(root, '.cache/debian-sources');
  const path = join(store, name);
  if (existsSync(path)) return { path, missing: false };
  const reason = impossible() ?? download(store, name);
  return reason === undefined ? { path, missing: false } : { path: undefined, missing: `${name} of Debian ${SUITE}: ${reason}` };
}

function impossible(): string | undefined {
  const absent = ['apt-get', 'dpkg-deb', 'flock'].find((program) => !isOnPath(program, process.env['PATH'] ?? ''));
  if (absent !== undefined) return `${absent} is not there to fetch it`;
  if (!existsSync(KEYRING)) return `${KEYRING} is not there to check it with`;
  return ownMirror() === undefined ? "no Debian mirror among apt's sources" : undefined;
}

/** The reason why it did not work. Renaming a whole tree into place leaves no half package behind. */
function download(store: string, name: string): string | undefined {
  mkdirSync(join(store, '.apt/lists/partial'), { recursive: true });
  const list = join(store, '.apt/sources.list');
  const place = mkdtempSync(join(store, '.new-'));
  try {
    // What the machine has installed, perhaps from elsewhere and newer, is not asked.
    writeFileSync(join(store, '.apt/status'), '');
    writeFileSync(list, `deb [signed-by=${KEYRING}] ${ownMirror()} ${SUITE} main\n`);
    const get = (): boolean => apt(store, list, place, 'download', '-q', name);
    if (!get() && !(apt(store, list, place, 'update', '-q') && get())) return 'apt-get could not download it';
    const archive = readdirSync(place).find((file) => file.endsWith('.deb'));
    const tree = join(place, 'tree');
    if (archive === undefined || !run('dpkg-deb', ['-x', join(place, archive), tree], place)) return 'dpkg-deb could not unpack it';
    if (!existsSync(join(store, name))) renameSync(tree, join(store, name));
    return undefined;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function apt(store: string, list: string, cwd: string, ...args: readonly string[]): boolean {
  const own = join(store, '.apt');
  const options = [
    `Dir::Etc::SourceList=${list}`, 'Dir::Etc::SourceParts=-', `Dir::State=${own}`, `Dir::State::status=${join(own, 'status')}`, `Dir::State::Lists=${join(own, 'lists')}`, `Dir::Cache=${own}`,
    'Acquire::Languages=none', 'APT::Sandbox::User=root', 'Acquire::Check-Valid-Until=false',
  ].flatMap((option) => ['-o', option]);
  // apt refuses to wait for the lock of its lists; flock waits, and lets go of it when the process dies.
  return run('flock', [join(own, 'lock'), 'apt-get', ...options, ...args], cwd);
}

function run(program: string, args: readonly string[], cwd: string): boolean {
  return spawnSync(program, args, { cwd, stdio: 'ignore', timeout: LIMIT_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
}
