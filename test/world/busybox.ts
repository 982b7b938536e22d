import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { forgeTar, type ForgedEntry } from './forge.ts';

const CACHE = new URL('../../.cache/test/', import.meta.url).pathname;
const PROGRAMS = [
  'ash', 'cat', 'chmod', 'chown', 'cp', 'cut', 'date', 'dd', 'df', 'dirname', 'echo', 'env', 'expr', 'false', 'find', 'free', 'grep', 'head', 'hostname', 'httpd', 'id', 'ifconfig', 'ip',
  'kill', 'ln', 'ls', 'mkdir', 'mkfifo', 'mknod', 'mount', 'mv', 'nc', 'nslookup', 'ping', 'printenv', 'printf', 'ps', 'pwd', 'readlink', 'rm', 'rmdir', 'route', 'sed', 'seq', 'sh', 'sleep', 'sort', 'stat', 'stty', 'sync',
  'sysctl', 'tail', 'tar', 'tee', 'test', 'touch', 'tr', 'true', 'tty', 'umount', 'uname', 'unshare', 'wc', 'wget', 'which', 'whoami', 'yes',
];

/** Why the image can't be made here, or undefined. */
export function whyNoImage(): string | undefined {
  if (process.getuid?.() !== 0) return 'needs root';
  return existsSync('/usr/bin/dpkg-deb') ? undefined : 'needs Debian\'s packages';
}

/** A tar of a root file system with busybox from Debian's package, made once. */
export function busyboxTar(): string {
  const path = `${CACHE}busybox.tar`;
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(`${tmpdir()}/gantry-busybox-`);
  try {
    download(work);
    const root = `${work}/root`;
    mkdirSync(`${root}/etc`, { recursive: true });
    execFileSync('dpkg-deb', ['-x', `${work}/${readdirSync(work).find((name) => name.endsWith('.deb')) ?? ''}`, `${work}/package`]);
    for (const directory of ['bin', 'dev', 'etc', 'home/user', 'proc', 'root', 'sys', 'tmp', 'usr/bin', 'var/www']) mkdirSync(`${root}/${directory}`, { recursive: true });
    renameSync(`${work}/package/bin/busybox`, `${root}/bin/busybox`);
    for (const program of PROGRAMS) symlinkSync('busybox', `${root}/bin/${program}`);
    writeFileSync(`${root}/etc/passwd`, 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n');
    writeFileSync(`${root}/etc/group`, 'root:x:0:\nuser:x:1000:\nextra:x:2000:user\n');
    execFileSync('chmod', ['1777', `${root}/tmp`]);
    execFileSync('tar', ['-C', root, '--numeric-owner', '--owner=0', '--group=0', '--sort=name', '--mtime=@0', '-cf', `${path}.new`, '.']);
    renameSync(`${path}.new`, path);
    return path;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The same archive with more entries after it, however wrong: one layer. */
export function busyboxPlus(entries: readonly ForgedEntry[]): Buffer {
  const base = readFileSync(busyboxTar());
  let end = base.length;
  while (end > 0 && base[end - 1] === 0) end -= 1;
  return Buffer.concat([base.subarray(0, Math.ceil(end / 512) * 512), forgeTar(entries)]);
}

function download(directory: string): void {
  const get = (): unknown => execFileSync('apt-get', ['-q', 'download', 'busybox-static'], { cwd: directory, stdio: 'pipe' });
  try {
    get();
  } catch {
    execFileSync('apt-get', ['-q', 'update'], { stdio: 'pipe' });
    get();
  }
}
