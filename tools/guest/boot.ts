import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { busyboxTar } from '../../test/world/busybox.ts';
import { cpio, type CpioEntry } from './cpio.ts';
import { provideKernel, withDependencies, type Kernel } from './kernel.ts';

/** What the first root needs to see the host's files, and what containers need. */
const MODULES = [
  'virtio_pci', '9pnet_virtio', '9p', 'overlay', 'loop', 'veth', 'bridge', 'crc32c_generic', 'nf_tables', 'nft_chain_nat', 'nft_masq', 'nft_nat', 'nft_ct', 'nft_fib', 'nft_fib_inet', 'nft_fib_ipv4', 'nft_fib_ipv6', 'nft_reject_inet', 'nft_redir', 'nft_hash', 'macvlan', 'ipvlan', 'nfs', 'nfsv4',
];
const DIRECTORY = 0o040_755;
const PROGRAM = 0o100_755;

export interface Booted {
  readonly code: number;
  readonly console: string;
}

/**
 * The guest's first process: loads the modules, lays a file system in memory over the host's files, which it gets to read
 * only, mounts control groups of version 2 and nothing else, and runs the command.
 */
function initScript(modules: readonly string[], command: readonly string[]): string {
  const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  return `#!/bin/busybox sh
export PATH=/bin
for name in mount mkdir insmod switch_root ip; do /bin/busybox ln -sf busybox /bin/$name; done
mkdir -p /proc /sys /dev /host /rw /new
mount -t proc proc /proc; mount -t sysfs sysfs /sys; mount -t devtmpfs devtmpfs /dev
for module in ${modules.join(' ')}; do insmod /modules/$module || echo "guest: no $module"; done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host || echo 'guest: no files of the host'
mount -t tmpfs -o size=80% tmpfs /rw; mkdir /rw/upper /rw/work
mount -t overlay -o lowerdir=/host,upperdir=/rw/upper,workdir=/rw/work overlay /new
for name in proc sys dev; do mount -o move /$name /new/$name; done
mount -t tmpfs tmpfs /new/tmp; mount -t tmpfs tmpfs /new/run; mkdir -p /new/dev/shm /new/dev/pts; mount -t tmpfs tmpfs /new/dev/shm; mount -t devpts devpts /new/dev/pts; mkdir -p /new/dev/mqueue; mount -t mqueue mqueue /new/dev/mqueue
mount -t cgroup2 cgroup2 /new/sys/fs/cgroup
ip link set lo up
exec switch_root /new /bin/sh -c "cd / && export HOME=/root GANTRY_TEST_SLOWNESS=5 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; ${quoted.replaceAll('"', '\\"')}; echo guest: ended with \\$?; sync; echo o > /proc/sysrq-trigger; sleep 60"
`;
}

function initramfs(kernel: Kernel, command: readonly string[]): Buffer {
  const modules = withDependencies(kernel, MODULES);
  const busybox = execFileSync('tar', ['-xOf', busyboxTar(), './bin/busybox'], { maxBuffer: 16 << 20 });
  const directories = ['bin', 'dev', 'modules', 'proc', 'sys'].map((path): CpioEntry => ({ path, mode: DIRECTORY }));
  return cpio([
    ...directories,
    { path: 'dev/console', mode: 0o020_600, device: [5, 1] },
    { path: 'bin/busybox', mode: PROGRAM, data: busybox },
    ...modules.map((path): CpioEntry => ({ path: `modules/${basename(path)}`, mode: 0o100_644, data: readFileSync(path) })),
    { path: 'init', mode: PROGRAM, data: Buffer.from(initScript(modules.map((path) => basename(path)), command)) },
  ]);
}

/** Why no guest can be booted here, or undefined. */
export function whyNoGuest(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  if (process.arch !== 'x64') return 'needs an x86-64 machine';
  return spawnSync('qemu-system-x86_64', ['--version']).status === 0 ? undefined : 'needs qemu-system-x86_64 (Debian: qemu-system-x86)';
}

/**
 * Boots Debian's kernel in QEMU without the host's virtualisation, which works anywhere and is slow, and runs a command in
 * it that sees all files of the host. What it writes is gone with it.
 * @param hear gets the lines of its console as they come
 */
export async function bootGuest(cache: string, command: readonly string[], { hear, timeoutMs }: { readonly hear: (line: string) => void; readonly timeoutMs: number }): Promise<Booted | string> {
  mkdirSync(cache, { recursive: true });
  const kernel = provideKernel(cache);
  if (typeof kernel === 'string') return kernel;
  const initrd = join(cache, 'initrd');
  writeFileSync(initrd, initramfs(kernel, command));
  const qemu = spawn('qemu-system-x86_64', [
    '-accel', 'tcg', '-cpu', 'max', '-smp', '2', '-m', '2048', '-nographic', '-no-reboot', '-nic', 'none', '-kernel', kernel.image, '-initrd', initrd,
    '-append', 'console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off random.trust_cpu=on cgroup_no_v1=all',
    '-virtfs', 'local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap',
  ], { stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setTimeout(() => qemu.kill('SIGKILL'), timeoutMs);
  let text = '';
  let rest = '';
  qemu.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) hear(line.replace(/\r$/, ''));
  });
  await new Promise((resolve) => qemu.once('close', resolve));
  clearTimeout(timer);
  const ended = /guest: ended with (\d+)/.exec(text);
  return { code: ended === null ? 1 : Number(ended[1]), console: text };
}
