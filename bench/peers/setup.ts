import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownMirror } from './debian-mirror.ts';

/** The peers and what they need at run time, from Debian sid: the newest that Debian has. */
const packages = [
  'docker.io', 'docker-cli', 'docker-buildx', 'docker-compose', 'containerd', 'runc', 'iptables', 'tini',
  'podman', 'crun', 'conmon', 'netavark', 'aardvark-dns', 'nftables', 'catatonit',
  'ca-certificates', 'iproute2', 'procps',
];

const SUITE = 'sid';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Makes the side root of the peers unless it is there: about 1 GB, a minute or two. Nothing else on the machine changes. */
export function setUpPeers(root: string): void {
  if (existsSync(join(root, 'usr/bin/podman'))) return;
  console.error(`bench: making a root with the peers from Debian ${SUITE} in ${root}`);
  mkdirSync(dirname(root), { recursive: true });
  bootstrap(root, ['--variant=minbase', `--include=${packages.join(',')}`]);
  copyFileSync('/etc/resolv.conf', join(root, 'etc/resolv.conf'));
}

/** The image that all engines run: busybox and nothing else, as a tar archive of its root. */
export function makeImage(archive: string): void {
  if (existsSync(archive)) return;
  console.error(`bench: making a small image in ${archive}`);
  mkdirSync(dirname(archive), { recursive: true });
  bootstrap(archive, [
    '--variant=extract', '--format=tar', '--include=busybox-static',
    '--extract-hook=mkdir -p "$1/bin" "$1/proc" "$1/sys" "$1/tmp"; mv "$1/usr/bin/busybox" "$1/bin/busybox"; rm -rf "$1/usr"',
    '--extract-hook=for name in sh true sleep cat ip; do ln -s busybox "$1/bin/$name"; done',
  ]);
}

/** Under another name first, so that what was broken off does not pass for whole. */
function bootstrap(target: string, options: readonly string[]): void {
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  // A snapshot of the archive, or a clock that is ahead, must not make its signature stale.
  const { status, stderr } = spawnSync('mmdebstrap', [
    '--mode=root', '--aptopt=Acquire::Check-Valid-Until "false"', ...options,
    SUITE, partial, `deb [signed-by=${KEYRING}] ${ownMirror() ?? 'http://deb.debian.org/debian'} ${SUITE} main`,
  ], { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (status !== 0) throw new Error(`mmdebstrap could not make ${target}:\n${stderr.slice(-2000)}`);
  renameSync(partial, target);
}
