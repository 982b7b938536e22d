import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { ask } from './world/http.ts';

/*
 * What a container may do by default, seen from inside. The classes of weakness behind each test have names in the
 * literature on runtimes: leaked descriptors, inheritable capabilities, lost groups, filters that are not applied.
 */

const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
/** Files below /proc and /sys that root of a default container may open for writing, its own processes left out. */
const WRITABLE = /^\/proc\/(\d+|self|thread-self|net\/|fs\/nfsd)|^\/proc\/(kmsg|pressure\/(cpu|io|memory))$/;

describe('the default profile', { skip, timeout: 240_000 }, () => {
  let daemon: TestDaemon;

  before(async () => {
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    daemon.ok('run', '-d', '--name', 'lives', 'busybox', 'sleep', '1000');
    daemon.ok('run', '-d', '--name', 'user', '-u', 'user', 'busybox', 'sleep', '1000');
  });

  after(async () => {
    await daemon?.destroy();
  });

  /** The field of /proc/self/status, in a process of a run and of an exec. */
  function statusOf(field: string, ...flags: readonly string[]): string[] {
    const command = ['sh', '-c', `grep ^${field}: /proc/self/status`];
    return [daemon.ok('run', '--rm', ...flags, 'busybox', ...command), daemon.ok('exec', ...flags, 'lives', ...command)].map((line) => line.split(/\s+/).slice(1).join(' '));
  }

  test('no descriptor but the three', () => {
    for (const command of [['run', '--rm', 'busybox'], ['run', '--rm', '-t', 'busybox'], ['run', '--rm', '-i', 'busybox'], ['exec', 'lives'], ['exec', '-t', 'lives'], ['exec', '-i', 'lives']]) {
      // ls itself has the directory open as 3.
      assert.deepEqual(daemon.ok(...command, 'ls', '/proc/self/fd').split(/\s+/), ['0', '1', '2', '3'], command.join(' '));
    }
    assert.deepEqual(daemon.ok('exec', 'lives', 'ls', '/proc/1/fd').split(/\s+/), ['0', '1', '2']);
  });

  test('no capability is inheritable or ambient, and a user has none', () => {
    for (const flags of [[], ['--privileged'], ['-u', 'user']]) {
      for (const field of ['CapInh', 'CapAmb']) for (const value of statusOf(field, ...flags)) assert.equal(value, '0000000000000000', `${field} ${flags.join(' ')}`);
    }
    for (const field of ['CapPrm', 'CapEff']) for (const value of statusOf(field, '-u', 'user')) assert.equal(value, '0000000000000000', field);
    for (const value of statusOf('CapEff')) assert.equal(value, '00000000a80425fb');
  });

  test('a user has its own groups and no others', () => {
    assert.equal(daemon.ok('run', '--rm', '-u', 'user', 'busybox', 'id', '-G'), '1000 2000');
    assert.equal(daemon.ok('exec', '-u', 'user', 'lives', 'id', '-G'), '1000 2000');
    assert.equal(daemon.ok('run', '--rm', '-u', '1234:1234', 'busybox', 'id', '-G'), '1234');
  });

  test('the system call filter is there, in run and exec', () => {
    assert.deepEqual(statusOf('Seccomp'), ['2', '2']);
    assert.match(daemon.ok('run', '--rm', '--security-opt', 'no-new-privileges', 'busybox', 'grep', '^NoNewPrivs:', '/proc/self/status'), /\s1$/);
    for (const flags of [['run', '--rm', 'busybox'], ['exec', 'lives']]) {
      for (const command of [['unshare', '-U', 'true'], ['unshare', '-m', 'true'], ['mount', '-t', 'tmpfs', 'none', '/tmp']]) {
        const ran = daemon.docker(...flags, ...command);
        assert.notEqual(ran.code, 0, command.join(' '));
        assert.match(ran.err, /not permitted|denied/i);
      }
    }
    assert.equal(daemon.ok('run', '--rm', '--privileged', 'busybox', 'sh', '-c', 'grep ^Seccomp: /proc/self/status').split(/\s+/)[1], '0');
    daemon.ok('run', '--rm', '--privileged', 'busybox', 'mount', '-t', 'tmpfs', 'none', '/tmp');
  });

  test('nothing of the host can be written through /proc and /sys', () => {
    const script = 'find /proc /sys -type f -perm /222 2>/dev/null | while read -r f; do case $f in /proc/[0-9]*|/proc/self/*|/proc/thread-self/*) continue;; esac; (exec 3>>"$f") 2>/dev/null && echo "$f"; done; true';
    const found = daemon.ok('run', '--rm', 'busybox', 'sh', '-c', script).split('\n').filter((path) => path !== '' && !WRITABLE.test(path));
    assert.deepEqual(found, []);
    for (const path of ['/proc/kcore', '/proc/keys', '/proc/timer_list', '/proc/sched_debug']) assert.equal(daemon.docker('run', '--rm', 'busybox', 'sh', '-c', `head -c 1 ${path} 2>/dev/null | wc -c`).out.trim(), '0', path);
    assert.equal(daemon.ok('run', '--rm', 'busybox', 'sh', '-c', 'ls -A /sys/firmware /proc/acpi 2>/dev/null | grep -v : | tr -d "\\n"'), '');
  });

  test('kernel settings that are not the container\'s own are refused', () => {
    for (const setting of ['kernel.core_pattern=x', 'kernel.shm_rmid_forced=1+kernel.core_pattern=x', 'net/../kernel/core_pattern=x', 'kernel.panic=1', 'vm.overcommit_memory=1']) {
      const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
      assert.notEqual(daemon.docker('run', '--rm', '--sysctl', setting, 'busybox', 'true').code, 0, setting);
      assert.equal(readFileSync('/proc/sys/kernel/core_pattern', 'utf8'), before);
    }
    assert.equal(daemon.ok('run', '--rm', '--sysctl', 'net.ipv4.ip_unprivileged_port_start=1', 'busybox', 'cat', '/proc/sys/net/ipv4/ip_unprivileged_port_start'), '1');
  });

  test('a device that is made can\'t be opened', () => {
    for (const [type, major, minor] of [['b', 7, 0], ['b', 8, 0], ['b', 259, 0], ['c', 1, 1], ['c', 1, 4]] as const) {
      const ran = daemon.docker('run', '--rm', 'busybox', 'sh', '-c', `mknod /node ${type} ${major} ${minor} && head -c 1 /node`);
      assert.notEqual(ran.code, 0);
      assert.match(ran.err, /not permitted/i, `${type} ${major}:${minor}: ${ran.err}`);
    }
  });

  test('annotations never reach the runtime as orders', async () => {
    const Annotations = { 'run.oci.handler': 'krun', 'run.oci.keep_original_groups': '1', 'run.oci.hooks.stderr': '/dev/null', 'run.oci.seccomp_fail_unknown_syscall': '1', 'io.podman.annotations.x': 'y' };
    const made = await ask(daemon.socket, 'POST', '/v1.47/containers/create', { body: JSON.stringify({ Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { Annotations } }) });
    if (made.status !== 201) {
      assert.equal(made.status, 400, made.text);
      return;
    }
    const { Id } = JSON.parse(made.text) as { Id: string };
    daemon.ok('start', Id);
    const { annotations = {} } = JSON.parse(readFileSync(`${daemon.run}/containers/${Id}/config.json`, 'utf8')) as { annotations?: Record<string, string> };
    for (const key of Object.keys(Annotations)) assert.equal(Object.hasOwn(annotations, key), false, key);
  });

  test('state is root\'s alone, and so is the socket but for its group', () => {
    for (const path of [daemon.root, daemon.run, `${daemon.run}/containers`, `${daemon.root}/snapshots`]) assert.equal(statSync(path).mode & 0o077, 0, path);
    assert.equal(statSync(daemon.socket).mode & 0o777, 0o660);
  });

  test('control groups are a private view', () => {
    for (const line of daemon.ok('exec', 'lives', 'cat', '/proc/1/cgroup').split('\n')) assert.match(line, /:\/$/, line);
  });
});
