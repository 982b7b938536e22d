import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { whyNoImage } from './world/busybox.ts';
import { ClusterDaemon } from './world/cluster-daemon.ts';
import { eventually } from './world/waiting.ts';

/* The kubectl that the machine has, whatever its version: what people do first. Debian's newest has scenarios of its own. */

const version = spawnSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
const skip = whyNoImage() ?? (version.status === 0 ? false : 'this machine has no kubectl of its own');

describe('the kubectl of the machine', { skip, timeout: 120_000 }, () => {
  let cluster: ClusterDaemon;

  before(async () => {
    cluster = await ClusterDaemon.start();
  });

  after(async () => {
    await cluster?.destroy();
  });

  const kubectl = (args: readonly string[], input = ''): ReturnType<ClusterDaemon['run']> => cluster.run('kubectl', args, input);
  function ok(...args: readonly string[]): string {
    const ran = kubectl(args);
    assert.equal(ran.code, 0, `kubectl ${args.join(' ')}: ${ran.err}`);
    return ran.out.trim();
  }

  test('creates, shows, scales, rolls out and back, and deletes', async () => {
    ok('create', 'deployment', 'web', '--image=busybox', '--replicas=1', '--', 'sh', '-c', 'hostname; trap "exit 0" TERM; while :; do sleep 0.1; done');
    ok('rollout', 'status', 'deployment/web', '--timeout=60s');
    assert.match(ok('get', 'deployments,pods', '-o', 'wide'), /deployment\.apps\/web +1\/1 +1 +1[^]*pod\/web-\S+ +1\/1 +Running/);
    ok('scale', 'deployment/web', '--replicas=2');
    ok('set', 'env', 'deployment/web', 'VERSION=2');
    ok('rollout', 'status', 'deployment/web', '--timeout=60s');
    ok('rollout', 'undo', 'deployment/web');
    ok('rollout', 'status', 'deployment/web', '--timeout=60s');
    await eventually('two pods are left', () => ok('get', 'pods', '-l', 'app=web', '-o', 'name').split('\n').length, (count) => count === 2);
    const [pod = ''] = ok('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].metadata.name}').split(' ');
    assert.equal(ok('logs', pod), pod);
    assert.equal(ok('exec', pod, '--', 'hostname'), pod);
    assert.match(ok('describe', 'pod', pod), /Status: +Running[^]*Successfully assigned default\//);
    assert.match(ok('explain', 'deployment.spec.replicas'), /FIELD: replicas <integer>/);
    ok('delete', 'deployment', 'web', '--timeout=60s');
  });

  test('applies by both ways, and tells a difference', () => {
    const map = (data: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: data } });
    for (const how of [[], ['--server-side', '--field-manager=me', '--force-conflicts']]) {
      const applied = kubectl(['apply', ...how, '-f', '-'], map('1'));
      assert.equal(applied.code, 0, applied.err);
    }
    const different = kubectl(['diff', '-f', '-'], map('2'));
    assert.deepEqual([different.code, /\+ +a: "2"/.test(different.out)], [1, true], different.err);
    assert.equal(ok('get', 'configmap', 'm', '-o', 'jsonpath={.data.a}'), '1');
    assert.equal(ok('auth', 'can-i', 'create', 'deployments'), 'yes');
    ok('delete', 'configmap', 'm');
  });
});
