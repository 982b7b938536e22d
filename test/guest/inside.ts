import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { findDockerCli } from '../../tools/test-run/docker-cli.ts';
import { busyboxTar } from '../world/busybox.ts';
import { TestDaemon } from '../world/daemon.ts';
import { eventually } from '../world/waiting.ts';

/**
 * Runs inside of a guest whose control groups are of version 2 only: a daemon, and what depends on the version. Prints a line for
 * each scenario, and the counts.
 */
const scenarios: Record<string, (daemon: TestDaemon) => void | Promise<void>> = {
  'the guest has control groups of version 2 only': (daemon) => {
    assert.ok(existsSync('/sys/fs/cgroup/cgroup.controllers'));
    assert.doesNotMatch(readFileSync('/proc/mounts', 'utf8'), / cgroup rw/);
    assert.equal(daemon.ok('info', '-f', '{{.CgroupVersion}} {{.CgroupDriver}}'), '2 cgroupfs');
  },
  'a container runs, and its exit code comes back': (daemon) => {
    assert.equal(daemon.ok('run', '--rm', 'busybox', 'echo', 'hello'), 'hello');
    assert.equal(daemon.docker('run', '--rm', 'busybox', 'sh', '-c', 'exit 7').code, 7);
  },
  'limits are those of the files of version 2': (daemon) => {
    const read = 'cd /sys/fs/cgroup; cat memory.max memory.swap.max cpu.max pids.max cpuset.cpus';
    assert.equal(daemon.ok('run', '--rm', '-m', '64m', '--memory-swap', '96m', '--cpus', '0.5', '--pids-limit', '77', '--cpuset-cpus', '0', 'busybox', 'sh', '-c', read), `${64 << 20}\n${32 << 20}\n50000 100000\n77\n0`);
  },
  'limits of processors and of memory': (daemon) => {
    const flags = ['--cpuset-cpus', '0', '--cpuset-mems', '0', '--cpu-shares', '512', '--cpu-period', '50000', '--cpu-quota', '25000', '-m', '64m', '--memory-reservation', '32m'];
    const [cpus, memory, quota, weight, most, reserved] = daemon.ok('run', '--rm', ...flags, 'busybox', 'sh', '-c', 'cd /sys/fs/cgroup; cat cpuset.cpus cpuset.mems cpu.max cpu.weight memory.max memory.low').split('\n');
    assert.deepEqual([cpus, memory, quota, most, reserved], ['0', '0', '25000 50000', String(64 << 20), String(32 << 20)]);
    // Half of the usual share, by whatever formula the runtime has.
    assert.ok(Number(weight) > 0 && Number(weight) < 100, `cpu.weight ${weight}`);
    const killed = daemon.docker('run', '--rm', '-m', '64m', '--oom-kill-disable', 'busybox', 'true');
    assert.equal(killed.code, 0, killed.err);
    assert.match(killed.err, /OomKillDisable discarded/);
  },
  'limits of devices': (daemon) => {
    // Not a disk in memory (brd): single pages of one are read past the block layer.
    writeFileSync('/tmp/disk', Buffer.alloc(8 << 20));
    const device = execFileSync('losetup', ['--find', '--show', '/tmp/disk'], { encoding: 'utf8' }).trim();
    const numbers = readFileSync(`/sys/block/${basename(device)}/dev`, 'utf8').trim();
    const flags = ['--device-read-bps', `${device}:1mb`, '--device-write-bps', `${device}:2mb`, '--device-read-iops', `${device}:66`, '--device-write-iops', `${device}:77`];
    const maximum = new RegExp(`^${numbers} rbps=${1 << 20} wbps=${2 << 20} riops=66 wiops=77$`, 'm');
    assert.match(daemon.ok('run', '--rm', ...flags, 'busybox', 'cat', '/sys/fs/cgroup/io.max'), maximum);
    // And the kernel holds it to that: 3 MiB at 1 MiB a second are there after two seconds at the earliest.
    const readAll = (...bound: readonly string[]): number => {
      const clock = 'cut -d. -f1 /proc/uptime';
      const [from, to] = daemon.ok('run', '--rm', '--device', device, ...bound, 'busybox', 'sh', '-c', `${clock}; dd if=${device} of=/dev/null bs=64k count=48 2>/dev/null || exit 9; ${clock}`).split('\n');
      return Number(to) - Number(from);
    };
    const seconds = readAll('--device-read-bps', `${device}:1mb`);
    assert.ok(seconds >= 2, `${seconds} s`);
  },
  'weights of devices': (daemon) => {
    const weighed = daemon.docker('run', '--rm', '--blkio-weight', '300', 'busybox', 'sh', '-c', 'cat /sys/fs/cgroup/io.weight /sys/fs/cgroup/io.bfq.weight 2>/dev/null; true');
    assert.equal(weighed.code, 0, weighed.err);
    assert.ok(/Weight discarded/.test(weighed.err) || /default (?!100$)\d+/m.test(weighed.out), weighed.err + weighed.out);
  },
  'what uses too much memory is killed, and that is told': (daemon) => {
    const ran = daemon.docker('run', '--name', 'greedy', '-m', '16m', '--memory-swap', '16m', 'busybox', 'sh', '-c', 'tail /dev/zero');
    assert.equal(ran.code, 137);
    assert.equal(daemon.ok('inspect', '-f', '{{.State.OOMKilled}}', 'greedy'), 'true');
  },
  'a container sees its own group as the root, read-only': (daemon) => {
    assert.equal(daemon.ok('run', '--rm', 'busybox', 'cat', '/proc/self/cgroup'), '0::/');
    assert.match(daemon.docker('run', '--rm', 'busybox', 'sh', '-c', 'echo 1 > /sys/fs/cgroup/cgroup.procs').err, /Read-only/);
  },
  'exec, stats, pause and update': (daemon) => {
    daemon.ok('run', '-d', '--name', 'lives', '-m', '64m', 'busybox', 'sleep', '600');
    assert.equal(daemon.ok('exec', 'lives', 'cat', '/proc/self/cgroup'), '0::/');
    assert.match(daemon.ok('stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}} {{.PIDs}}', 'lives'), /^lives .*\/ 64MiB 1$/);
    daemon.ok('pause', 'lives');
    assert.equal(daemon.ok('inspect', '-f', '{{.State.Status}}', 'lives'), 'paused');
    daemon.ok('unpause', 'lives');
    daemon.ok('update', '-m', '32m', '--memory-swap', '64m', '--pids-limit', '9', 'lives');
    assert.equal(daemon.ok('exec', 'lives', 'sh', '-c', 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max'), `${32 << 20}\n9`);
    daemon.ok('kill', 'lives');
    assert.equal(daemon.ok('wait', 'lives'), '137');
  },
  'devices are kept from a container by the kernel': (daemon) => {
    assert.match(daemon.docker('run', '--rm', 'busybox', 'sh', '-c', 'mknod /d c 1 1 && head -c 1 /d').err, /Operation not permitted/);
    assert.equal(daemon.ok('run', '--rm', '--device', '/dev/zero:/dev/nothing:r', 'busybox', 'sh', '-c', 'head -c 3 /dev/nothing | wc -c'), '3');
  },
  'macvlan and ipvlan networks have their containers on the link of the host': async (daemon) => {
    const ip = (line: string): string => execFileSync('ip', line.split(' '), { encoding: 'utf8' });
    for (const line of ['netns add street', 'link add lan0 type veth peer name lan1 netns street', 'address add 192.0.2.1/24 dev lan0', 'link set lan0 up', '-n street address add 192.0.2.9/24 dev lan1', '-n street link set lan1 up', '-n street route add 198.51.100.0/24 via 192.0.2.1']) ip(line);
    const reachesLan = (): Promise<string> => eventually('a neighbour on the LAN answers', () => daemon.docker('exec', 'house', 'ping', '-c1', '-W5', '192.0.2.9').out, (text) => / 0% packet loss/.test(text));
    const network = (...flags: readonly string[]): string => daemon.ok('network', 'create', ...flags, '-o', 'parent=lan0', 'street');
    const enter = (address: string): string => daemon.ok('run', '-d', '--name', 'house', '--network', 'street', '--ip', address, 'busybox', 'sleep', '600');
    const leave = (): void => {
      daemon.ok('rm', '-f', 'house');
      daemon.ok('network', 'rm', 'street');
    };
    for (const driver of ['macvlan', 'ipvlan']) {
      network('-d', driver, '--subnet', '192.0.2.0/24', '--gateway', '192.0.2.9');
      enter('192.0.2.50');
      assert.match(daemon.ok('exec', 'house', 'ip', 'route'), /default via 192\.0\.2\.9 /);
      const isParents = daemon.ok('exec', 'house', 'cat', '/sys/class/net/eth0/address') === readFileSync('/sys/class/net/lan0/address', 'utf8').trim();
      assert.equal(isParents, driver === 'ipvlan');
      await reachesLan();
      daemon.ok('network', 'disconnect', 'street', 'house');
      assert.doesNotMatch(daemon.ok('exec', 'house', 'ls', '/sys/class/net'), /eth0/);
      daemon.ok('network', 'connect', '--ip', '192.0.2.51', 'street', 'house');
      assert.match(daemon.ok('exec', 'house', 'ip', 'address'), /192\.0\.2\.51/);
      await reachesLan();
      leave();
    }
    network('-d', 'ipvlan', '-o', 'ipvlan_mode=l3', '--subnet', '198.51.100.0/24');
    enter('198.51.100.50');
    for (const family of ['-4', '-6']) assert.match(daemon.ok('exec', 'house', 'ip', family, 'route'), /^default dev eth0/m);
    assert.equal(daemon.ok('inspect', '-f', '{{range .NetworkSettings.Networks}}<{{.Gateway}}><{{.MacAddress}}>{{end}}', 'house'), '<><>');
    await reachesLan();
    leave();
    ip('link delete lan0');
    ip('netns delete street');
  },
  'a server of NFS that does not answer holds up what needs it, and nothing else': async (daemon) => {
    const connections = new Set<Socket>();
    const server = createServer((socket) => void connections.add(socket.on('error', () => undefined))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // By a name, which the kernel does not know.
    daemon.ok('volume', 'create', '-o', 'type=nfs', '-o', 'device=:/export', '-o', `o=addr=localhost,nfsvers=4,soft,timeo=300,retrans=1,port=${port}`, 'share');
    const run = spawn(findDockerCli() ?? '', ['-H', `unix://${daemon.socket}`, 'run', '--rm', '-v', 'share:/share', 'busybox', 'true'], { stdio: ['ignore', 'ignore', 'pipe'] });
    const said = text(run.stderr);
    const ended = once(run, 'exit');
    await eventually('the kernel asks the server', () => connections.size, (count) => count > 0);
    assert.equal(daemon.ok('run', '--rm', 'busybox', 'echo', 'others run'), 'others run');
    assert.equal(run.exitCode, null, 'while that one waits');
    server.close();
    for (const socket of connections) socket.destroy();
    assert.deepEqual(await ended, [125, null]);
    assert.match(await said, /failed to mount local volume: mount :\/export:.*: (connection|timed|input)/);
    daemon.ok('volume', 'rm', 'share');
  },
  'a daemon that was killed adopts what runs': async (daemon) => {
    daemon.ok('run', '-d', '--name', 'survivor', 'busybox', 'sleep', '600');
    await daemon.crash();
    await daemon.up();
    assert.equal(daemon.ok('exec', 'survivor', 'echo', 'still here'), 'still here');
    daemon.ok('rm', '-f', 'survivor');
  },
};

let failed = 0;
const daemon = await TestDaemon.start();
daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
for (const [name, run] of Object.entries(scenarios)) {
  try {
    await run(daemon);
    console.log(`guest: passed: ${name}`);
  } catch (thrown) {
    failed += 1;
    console.log(`guest: failed: ${name}: ${thrown instanceof Error ? thrown.message.replaceAll('\n', ' | ') : String(thrown)}`);
  }
}
await daemon.destroy().catch((thrown: unknown) => {
  failed += 1;
  console.log(`guest: failed: everything goes with the daemon: ${String(thrown)}`);
});
console.log(`guest: ${Object.keys(scenarios).length - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
