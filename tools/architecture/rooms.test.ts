import assert from 'node:assert/strict';
import { test } from 'node:test';
import { misplaced, roomOf, wall } from './rooms.ts';

const cases: readonly (readonly [from: string, to: string, allowed: boolean])[] = [
  ['src/image/oci/tar.ts', 'src/base/error.ts', true],
  ['src/base/error.ts', 'src/image/oci/tar.ts', false],
  ['src/image/registry/client.ts', 'src/image/oci/tar.ts', true],
  ['src/image/oci/tar.ts', 'src/image/registry/client.ts', false],
  ['src/container/engine/start.ts', 'src/container/model/mount.ts', true],
  ['src/container/model/mount.ts', 'src/container/engine/start.ts', false],
  ['src/container/engine/start.ts', 'src/docker/render.ts', false],
  ['src/container/engine/start.ts', 'src/cluster/kinds/pod.ts', false],
  ['src/docker/lower.ts', 'src/container/engine/port.ts', true],
  ['src/docker/lower.ts', 'src/build/solver/graph.ts', true],
  ['src/docker/lower.ts', 'src/cluster/kinds/pod.ts', false],
  ['src/cluster/kinds/pod.ts', 'src/docker/lower.ts', false],
  ['src/cluster/api/tables.ts', 'src/cluster/kinds/pod.ts', true],
  ['src/cluster/api/tables.ts', 'src/container/model/mount.ts', false],
  ['src/cluster/agent/lower.ts', 'src/container/model/mount.ts', true],
  ['src/cluster/agent/lower.ts', 'src/container/engine/port.ts', true],
  ['src/cluster/agent/lower.ts', 'src/container/engine/start.ts', false],
  ['src/cluster/agent/lower.ts', 'src/container/host/port.ts', false],
  ['src/compose/plan.ts', 'src/base/error.ts', true],
  ['src/compose/plan.ts', 'src/docker/wire.ts', false],
  ['src/compose/plan.ts', 'src/image/oci/reference.ts', false],
  ['src/cli/run.ts', 'src/compose/plan.ts', false],
  ['src/cli/run.ts', 'src/container/model/mount.ts', false],
  ['src/build/edge/session.ts', 'src/build/solver/graph.ts', true],
  ['src/build/solver/graph.ts', 'src/build/edge/session.ts', false],
  ['src/main/daemon.ts', 'src/cluster/agent/lower.ts', true],
  ['src/cli/run.ts', 'src/main/daemon.ts', false],
];

for (const [from, to, allowed] of cases) {
  test(`${from} ${allowed ? 'may' : 'may not'} import ${to}`, () => {
    assert.equal(wall(from, to) === undefined, allowed, wall(from, to) ?? 'no wall between them');
  });
}

test('a file belongs to its room, or else to its wing', () => {
  assert.equal(roomOf('src/image/oci/tar.ts'), 'image/oci');
  assert.equal(roomOf('src/image/oci/deep/tar.ts'), 'image/oci');
  assert.equal(roomOf('src/build/edge/session.ts'), 'build');
  assert.equal(roomOf('src/docker/containers/list.ts'), 'docker');
  assert.equal(roomOf('tools/run.ts'), undefined);
});

test('an unknown wing or room is refused', () => {
  assert.match(misplaced('src/misc/x.ts') ?? '', /no wing/);
  assert.match(misplaced('src/image/cache/x.ts') ?? '', /no room/);
  assert.equal(misplaced('src/build/edge/session.ts'), undefined);
  assert.equal(misplaced('src/docker/containers/list.ts'), undefined);
});
