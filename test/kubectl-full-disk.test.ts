import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { debianSources } from '../tools/test-run/debian-sources.ts';
import { whyNoImage } from './world/busybox.ts';
import { ClusterDaemon } from './world/cluster-daemon.ts';
import type { Ran } from './world/daemon.ts';
import { eventually } from './world/waiting.ts';

const client = debianSources(new URL('..', import.meta.url).pathname, 'kubectl');
const skip = whyNoImage() ?? client.missing;

test('a cluster on a full disk refuses what it cannot keep, goes on with what it has, and takes all again once there is room', { skip, timeout: 200_000 }, async () => {
  const small = mkdtempSync('/tmp/gantry-small-');
  const disk = `${small}.img`;
  const sh = (...command: readonly string[]): void => {
    const { status, stderr } = spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' });
    assert.equal(status, 0, `${command.join(' ')}: ${stderr}`);
  };
  sh('truncate', '-s', '64M', disk);
  sh('mkfs.ext4', '-q', '-m', '0', disk);
  sh('mount', '-o', 'loop', disk, small);
  let cluster: ClusterDaemon | undefined;
  try {
    cluster = await ClusterDaemon.start([], `${small}/root`);
    const { daemon } = cluster;
    const kubectl = (...args: readonly string[]): Ran => (cluster as ClusterDaemon).run(client.missing === false ? `${client.path}/usr/bin/kubectl` : '', args);
    const ok = (...args: readonly string[]): string => {
      const ran = kubectl(...args);
      assert.equal(ran.code, 0, `kubectl ${args.join(' ')}: ${ran.err}`);
      return ran.out.trim();
    };
    ok('create', 'deployment', 'web', '--image=busybox', '--', 'sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done');
    ok('rollout', 'status', 'deployment/web', '--timeout=60s');
    ok('create', 'configmap', 'kept', '--from-literal=a=1');
    const [pid, pod] = [daemon.pid, ok('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[0].metadata.name}')];

    mkdirSync(`${small}/ballast`);
    const fill = (): void => void spawnSync('sh', ['-c', `dd if=/dev/zero bs=64k >>${small}/ballast/big 2>/dev/null; dd if=/dev/zero bs=512 >>${small}/ballast/small 2>/dev/null; sync -f ${small}`]);
    fill();
    // Larger than what the store has left of its own file.
    const large = 'x'.repeat(100_000);
    const refused = await eventually('a write is refused', () => {
      fill();
      return kubectl('create', 'configmap', `more-${Date.now()}`, `--from-literal=a=${large}`);
    }, ({ code }) => code !== 0);
    assert.match(refused.err, /no space left|disk is full/i);
    assert.doesNotMatch(refused.err, /\n\s+at /);
    assert.equal(ok('get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'), '1');
    assert.match(ok('get', 'pods'), new RegExp(`${pod} +1/1 +Running`));
    assert.equal(ok('exec', pod, '--', 'hostname'), pod);

    rmSync(`${small}/ballast`, { recursive: true });
    await eventually('writes are taken again', () => kubectl('create', 'configmap', 'after', `--from-literal=a=${large}`), ({ code, err }) => code === 0 || /already exists/.test(err));
    ok('scale', 'deployment/web', '--replicas=2');
    ok('rollout', 'status', 'deployment/web', '--timeout=60s');
    assert.equal(daemon.pid, pid);
    await cluster.restart();
    assert.equal(ok('get', 'configmap', 'kept', '-o', 'jsonpath={.data.a}'), '1');
    assert.equal(ok('get', 'configmap', 'after', '-o', 'jsonpath={.data.a}').length, large.length);
    ok('rollout', 'status', 'deployment/web', '--timeout=60s');
    assert.ok(ok('get', 'pods', '-o', 'name').includes(pod), 'the pod went on meanwhile');
  } finally {
    await cluster?.destroy();
    spawnSync('umount', [small]);
    rmSync(disk, { force: true });
    rmSync(small, { recursive: true, force: true });
  }
});
