import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { readCgroupLayout } from './cgroup-layout.ts';
import { mount, unmount } from './mounts.ts';
import {
  createNetworkNamespace, enterPrivateMounts, inMountNamespace, inNetworkNamespace, openNamespace, pinNamespace, withMountNamespace,
} from './namespaces.ts';
import { run } from './run.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const scratch = mkdtempSync(join(tmpdir(), 'gantry-ns-'));
const hostMounts = here('mnt');
const hostNet = here('net');
// Before anything asynchronous, as a program does it.
const base = skip === false ? enterPrivateMounts() : -1;
const ownMounts = here('mnt');
after(() => rmSync(scratch, { recursive: true }));

function here(kind: 'mnt' | 'net'): string {
  return readlinkSync(`/proc/thread-self/ns/${kind}`);
}

test('the process has mounts of its own, without a hybrid v2 mount', { skip }, () => {
  assert.notEqual(ownMounts, hostMounts);
  assert.notEqual(readCgroupLayout()?.version, 'hybrid');
});

test('threads of the pool are in the private namespace, too', { skip }, async () => {
  mount({ type: 'tmpfs', target: scratch });
  try {
    const { dev } = await stat(scratch);
    assert.equal(dev, statSync(scratch).dev);
    assert.notEqual(dev, statSync(tmpdir()).dev);
  } finally {
    unmount(scratch);
  }
});

test('it cannot be entered once the pool runs', { skip }, () => {
  assert.throws(() => enterPrivateMounts(), { kind: 'internal' });
});

test('mounts made in a temporary namespace are not seen outside', { skip }, () => {
  const inside = withMountNamespace(base, () => {
    mount({ type: 'tmpfs', target: scratch });
    writeFileSync(join(scratch, 'seen'), '');
    return here('mnt');
  });
  assert.notEqual(inside, ownMounts);
  assert.equal(here('mnt'), ownMounts);
  assert.throws(() => statSync(join(scratch, 'seen')), { code: 'ENOENT' });
});

test('a mount namespace is entered by a thread that others share their directories with', { skip }, async () => {
  const shared = new SharedArrayBuffer(4);
  const waits = new Worker('Atomics.wait(new Int32Array(require("node:worker_threads").workerData), 0, 0)', { eval: true, workerData: shared });
  try {
    await once(waits, 'online');
    assert.equal(inMountNamespace(base, base, () => here('mnt')), ownMounts);
  } finally {
    Atomics.store(new Int32Array(shared), 0, 1);
    Atomics.notify(new Int32Array(shared), 0);
    await once(waits, 'exit');
  }
});

test('a function that throws does not leave the thread behind', { skip }, () => {
  assert.throws(() => withMountNamespace(base, () => assert.fail('inside')), { message: 'inside' });
  assert.equal(here('mnt'), ownMounts);
  const fd = createNetworkNamespace();
  const home = openNamespace('net');
  assert.throws(() => inNetworkNamespace(fd, home, () => assert.fail('inside')), { message: 'inside' });
  assert.equal(here('net'), hostNet);
  closeSync(fd);
  closeSync(home);
});

test('when the way back is gone, the process stops instead of going on in the wrong place', { skip }, async () => {
  const program = `import { withMountNamespace } from ${JSON.stringify(join(import.meta.dirname, 'namespaces.ts'))};
    withMountNamespace(999, () => {}); console.log('went on');`;
  const result = await run({
    path: '/bin/sh', argv: ['sh', '-c', 'ulimit -c 0; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', program],
    env: {}, timeoutMs: 10_000, maxOutputBytes: 1 << 16,
  });
  assert.equal(result.signal, 'SIGABRT');
  assert.match(result.stderr.toString(), /could not return to the engine's own mnt namespace.*EBADF/);
  assert.equal(result.stdout.toString(), '');
});

test('asynchronous functions are refused', { skip }, () => {
  assert.throws(() => withMountNamespace(base, async () => {}), { kind: 'internal' });
});

test('a network namespace has only its loopback link', { skip }, () => {
  const fd = createNetworkNamespace();
  const home = openNamespace('net');
  const links = inNetworkNamespace(fd, home, () => readFileSync('/proc/thread-self/net/dev', 'utf8'));
  assert.deepEqual(links.split('\n').flatMap((line) => /^\s*(\S+):/.exec(line)?.[1] ?? []), ['lo']);
  assert.equal(here('net'), hostNet);
  closeSync(fd);
  closeSync(home);
});

test('a pinned namespace lives on under its path', { skip }, () => {
  const path = join(scratch, 'netns');
  const fd = createNetworkNamespace();
  const inode = statSync(`/proc/thread-self/fd/${fd}`).ino;
  pinNamespace(fd, path);
  closeSync(fd);
  assert.equal(statSync(path).ino, inode);
  unmount(path, { detach: true });
});
