import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, describe, test } from 'node:test';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findDockerCli, whyOlderCli } from '../tools/test-run/docker-cli.ts';
import { eventually } from './world/waiting.ts';

/*
 * What a container is kept from, by every way into it: run and exec, as root and as a user, with a terminal and without, under
 * both runtimes. The names in brackets are those of the catalogue of vulnerability classes that the tests follow.
 */

const SOURCE = new URL('./probe/syscalls.c', import.meta.url).pathname;
const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const hasCompiler = spawnSync('gcc', ['--version'], { stdio: 'ignore' }).status === 0;
const skipProbes = process.arch !== 'x64' ? 'expects x86-64' : hasCompiler ? false : 'needs gcc';

/** What an answer other than EPERM is meant to be. */
const OTHERWISE: Readonly<Record<string, RegExp>> = {
  clone3: /^ENOSYS$/, getpid: /^ok$/, 'socket AF_UNIX': /^ok$/, 'socket AF_ALG': /^(EPERM|EAFNOSUPPORT)$/,
  // The filter can't see the family behind the pointer: without a kernel that has AF_ALG the family is unknown, else this is open.
  'int 0x80 socket AF_ALG': /^(EPERM|EAFNOSUPPORT|ENOSYS|ok|Segmentation fault|Bad system call)$/,
};

describe('what a container is kept from', { skip, timeout: 240_000 }, () => {
  if (skip !== false) return;
  const scratch = mkdtempSync(`${tmpdir()}/gantry-probe-`);
  const probe = `${scratch}/probe`;
  let daemon: TestDaemon;

  before(async () => {
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    // Nothing there, so that the run has what every case needs even without a compiler.
    writeFileSync(probe, '');
    if (skipProbes === false) assert.equal(spawnSync('gcc', ['-O1', '-static', '-no-pie', '-o', probe, SOURCE], { encoding: 'utf8' }).status, 0);
    for (const [name, ...flags] of [['root'], ['user', '-u', 'user'], ['runc', '--runtime', 'runc']]) {
      const ran = daemon.docker('run', '-d', '--name', name ?? '', ...flags, '-v', `${probe}:/probe:ro`, 'busybox', 'sleep', '600');
      if (name !== 'runc') assert.equal(ran.code, 0, ran.err);
    }
  });

  after(async () => {
    await daemon.destroy();
    rmSync(scratch, { recursive: true, force: true });
  });

  const hasRunc = (): boolean => daemon.docker('inspect', 'runc').code === 0;

  test('62 system calls, by every way into a container (S-307)', { skip: skipProbes }, () => {
    const mount = ['-v', `${probe}:/probe:ro`];
    const ways: readonly (readonly string[])[] = [
      ['run', '--rm', ...mount, 'busybox', '/probe'], ['run', '--rm', '-t', ...mount, 'busybox', '/probe'], ['run', '--rm', '-u', '1000', ...mount, 'busybox', '/probe'],
      ['run', '--rm', '--init', ...mount, 'busybox', '/probe'], ['run', '--rm', '--network', 'host', '--pid', 'host', ...mount, 'busybox', '/probe'],
      ['exec', 'root', '/probe'], ['exec', '-t', 'root', '/probe'], ['exec', '-u', 'user', 'root', '/probe'], ['exec', 'user', '/probe'],
      ...(hasRunc() ? [['exec', 'runc', '/probe']] : []),
    ];
    for (const way of ways) {
      const answers = daemon.ok(...way).split(/\r?\n/).map((line) => line.split(': ') as [string, string]);
      assert.equal(answers.length, 64, way.join(' '));
      const wrong = answers.filter(([name, answer]) => !(OTHERWISE[name] ?? /^EPERM$/).test(answer));
      assert.deepEqual(wrong, [], way.join(' '));
    }
  });

  test('a filter of one\'s own is the only one, and unconfined is none (S-307)', { skip: skipProbes }, () => {
    writeFileSync(`${scratch}/profile.json`, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'], syscalls: [{ names: ['getpid'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }] }));
    const answer = (option: string, name: string): string => new RegExp(`^${name}: (\\S+)`, 'm').exec(daemon.ok('run', '--rm', '--security-opt', option, '-v', `${probe}:/probe:ro`, 'busybox', '/probe'))?.[1] ?? '';
    assert.equal(answer(`seccomp=${scratch}/profile.json`, 'getpid'), 'EACCES');
    assert.equal(answer(`seccomp=${scratch}/profile.json`, 'sysfs'), answer('seccomp=unconfined', 'sysfs'));
    assert.equal(answer('seccomp=unconfined', 'getpid'), 'ok');
  });

  test('no way in leaves a capability to be inherited, a user none at all (S-305)', () => {
    const status = (...way: readonly string[]): string => daemon.ok(...way, 'grep', '^Cap', '/proc/self/status');
    const ways: readonly (readonly string[])[] = [
      ['run', '--rm', 'busybox'], ['run', '--rm', '--cap-add', 'ALL', 'busybox'], ['run', '--rm', '--privileged', 'busybox'], ['run', '--rm', '--init', 'busybox'],
      ['exec', 'root'], ['exec', '--privileged', 'root'], ...(hasRunc() ? [['exec', 'runc'], ['exec', '--privileged', 'runc']] : []),
    ];
    for (const way of ways) assert.match(status(...way), /^CapInh:\t0{16}\n(?:.*\n)*CapAmb:\t0{16}$/, way.join(' '));
    for (const way of [['exec', 'user'], ['exec', '-u', 'user', 'root'], ['run', '--rm', '-u', '1000', 'busybox'], ['run', '--rm', '-u', 'user', '--cap-add', 'SYS_ADMIN', 'busybox']]) {
      assert.match(status(...way), /^CapInh:\t0{16}\nCapPrm:\t0{16}\nCapEff:\t0{16}\n/, way.join(' '));
    }
  });

  test('a group that is denied stays denied (S-306)', () => {
    daemon.ok('exec', 'root', 'sh', '-c', 'echo secret > /denied; chown 0:1000 /denied; chmod 604 /denied');
    for (const user of ['user', '1000', '1000:1000', 'user:user']) {
      assert.match(daemon.docker('exec', '-u', user, 'root', 'cat', '/denied').err, /Permission denied/, user);
      assert.ok(daemon.ok('exec', '-u', user, 'root', 'id', '-G').split(' ').includes('1000'), user);
    }
    assert.equal(daemon.ok('exec', '-u', '1234:2000', 'root', 'id', '-G'), '2000');
  });

  test('devices of the host are closed, whatever node is made for them (S-311)', () => {
    const numbers = readdirSync('/sys/dev/block').map((name) => name.split(':') as [string, string]);
    const script = numbers.map(([major, minor]) => `mknod /b${major}.${minor} b ${major} ${minor} && { head -c 1 /b${major}.${minor} && echo open ${major}:${minor}; }`);
    const characters = ['1 1', '1 2', '1 4', '1 11', '10 237', '10 232', '5 2'].map((pair) => `mknod "/c${pair}" c ${pair} && { (exec 3<"/c${pair}") && echo open c ${pair}; }`);
    const ran = daemon.docker('run', '--rm', 'busybox', 'sh', '-c', [...script, ...characters.filter((line) => !line.includes('5 2'))].join('\n'));
    assert.doesNotMatch(ran.out, /open/);
    assert.ok([...ran.err.matchAll(/Operation not permitted/g)].length >= numbers.length, ran.err);
  });

  test('what can be read and written of /proc and /sys is the same for every way in, and less with --read-only (S-309)', () => {
    // With a write bit: root may open any other file too, and writing to it fails.
    const script = 'find /proc /sys -type f -perm /222 2>/dev/null | while read -r f; do case $f in /proc/[0-9]*|/proc/self/*|/proc/thread-self/*|/sys/fs/cgroup/*) continue;; esac; (exec 3>>"$f") 2>/dev/null && echo "$f"; done; true';
    const writable = (...flags: readonly string[]): string[] => daemon.ok('run', '--rm', ...flags, 'busybox', 'sh', '-c', script).split('\n').filter(Boolean).sort();
    const plain = writable();
    assert.deepEqual(plain.filter((path) => !/^\/proc\/(kmsg|pressure\/(cpu|io|memory)|fs\/nfsd|net\/)/.test(path)), []);
    assert.deepEqual(writable('-u', 'user').filter((path) => !plain.includes(path)), []);
    assert.deepEqual(writable('--read-only').filter((path) => !plain.includes(path)), []);
    assert.deepEqual(writable('--network', 'host').filter((path) => !plain.includes(path)), []);
  });

  test('no control group can be written, nor one mounted, in a user namespace of its own neither (S-308)', () => {
    // What a host runs at the end of a group is written there (CVE-2022-0492); any write at all is one too many.
    const script = `mkdir -p /m
      find /sys/fs/cgroup -type f 2>/dev/null | while read -r f; do (exec 3>>"$f") 2>/dev/null && echo "wrote $f"; done
      grep -E ' /sys/fs/cgroup[^ ]* cgroup' /proc/mounts | while read -r _ place _; do mkdir $place/x 2>/dev/null && echo "made $place/x"; done
      mounts='mount -t cgroup2 none /m; for c in memory pids devices cpu rdma misc; do mount -t cgroup -o $c none /m; done; mount -t cgroup -o none,name=own none /m; mount -o remount,rw /sys/fs/cgroup'
      for way in "" "unshare -r" "unshare -m" "unshare -mr"; do $way sh -c "$mounts" 2>/dev/null && echo "mounted $way"; done
      grep -E "^[^ ]+ /m | /sys/fs/cgroup[^ ]* cgroup2? rw" /proc/mounts
      echo done`;
    assert.equal(daemon.ok('run', '--rm', 'busybox', 'sh', '-c', script), 'done');
    assert.equal(daemon.ok('exec', 'root', 'sh', '-c', script), 'done');
    // That it would be seen:
    assert.match(daemon.ok('run', '--rm', '--privileged', 'busybox', 'sh', '-c', 'mkdir /m && mount -t cgroup2 none /m && grep -E "^[^ ]+ /m " /proc/mounts'), /^none \/m cgroup2 /);
  });

  test('what an annotation says is never an order, of a request or of an image (S-312)', { skip: whyOlderCli(24) }, () => {
    daemon.ok('import', '-c', 'LABEL run.oci.handler=krun', '-c', 'CMD ["sleep", "60"]', busyboxTar(), 'labelled');
    const id = daemon.ok('run', '-d', '--annotation', 'run.oci.hooks.stdout=/pwned', '--annotation', 'io.podman.annotations.userns=x', '--label', 'run.oci.delegate-cgroup=/x', 'labelled');
    const { annotations = {} } = JSON.parse(readFileSync(`${daemon.run}/containers/${id}/config.json`, 'utf8')) as { annotations?: object };
    assert.deepEqual(Object.keys(annotations).filter((key) => key !== 'run.oci.seccomp_bpf_data'), []);
  });

  test('nothing that is kept is open to others, also where it was, and under any umask (S-314)', async () => {
    const open: string[] = [];
    const look = (path: string): void => {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.isDirectory() !== true) return;
      if ((found.mode & 0o077) !== 0) open.push(`${(found.mode & 0o777).toString(8)} ${path}`);
    };
    spawnSync('chmod', ['0755', daemon.root, daemon.run]);
    await daemon.crash();
    const before = process.umask(0);
    try {
      await daemon.up();
    } finally {
      process.umask(before);
    }
    for (const top of [daemon.root, daemon.run]) look(top);
    assert.deepEqual(open, []);
    // It answers its owner a moment before its group is let in.
    await eventually('the socket is its group\'s', () => statSync(daemon.socket).mode & 0o777, (mode) => mode === 0o660);
  });
});
