import assert from 'node:assert/strict';
import { closeSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { HostContext } from './host-context.ts';
import { mount } from './linux/mounts.ts';
import { enterPrivateMounts, withMountNamespace } from './linux/namespaces.ts';
import { pipe } from './linux/pipe.ts';
import { posixSpawn } from './linux/spawn.ts';
import { waitForExit } from './linux/wait.ts';
import { mountMemory, unmountVolume } from './volume-mounts.ts';
import { takeOverVolumes } from './volume-takeover.ts';

const skip = process.getuid?.() !== 0 && 'needs root';
const scratch = mkdtempSync(join(tmpdir(), 'gantry-takeover-'));
// Before anything asynchronous, as a program does it.
const mountsFd = skip === false ? enterPrivateMounts() : -1;
after(() => rmSync(scratch, { recursive: true }));
// Of the context no more is used.
const context = { run: join(scratch, 'run'), mountsFd } as HostContext;
const pods = join(scratch, 'pods');
const lines: string[] = [];
const takeOver = (): void => takeOverVolumes(context, [pods], (line) => void lines.push(line));
const ID = 'c'.repeat(64);

interface Monitor {
  /** A path as it is in the monitor's mount namespace. */
  readonly seen: (path: string) => string;
  end(): Promise<void>;
}

/** Started while a daemon had a volume in memory mounted at the path. It ends with us at the latest. */
async function startMonitor(path: string): Promise<Monitor> {
  for (const directory of [join(context.run, 'containers', ID), path]) mkdirSync(directory, { recursive: true });
  const { readEnd, writeEnd } = pipe();
  const pid = withMountNamespace(mountsFd, () => {
    mount({ type: 'tmpfs', target: path });
    writeFileSync(join(path, 'file'), 'of the former daemon');
    return posixSpawn({ path: '/bin/sh', argv: ['sh', '-c', 'read forever', ID], env: {}, files: [{ fd: 0, source: readEnd }] });
  });
  closeSync(readEnd);
  writeFileSync(join(context.run, 'containers', ID, 'conmon.pid'), String(pid));
  const ended = waitForExit(pid);
  // The spawn returns when the new program has its memory, a moment before the kernel has written down its arguments there.
  while (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(ID)) await new Promise<void>((resolve) => void setTimeout(resolve, 1));
  return {
    seen: (asked) => `/proc/${pid}/root${asked}`,
    async end() {
      closeSync(writeEnd);
      await ended;
    },
  };
}

test('a new daemon has the file system of a volume that a monitor of the former one kept', { skip }, async () => {
  const path = join(pods, 'uid/memory');
  const monitor = await startMonitor(path);
  try {
    assert.deepEqual(readdirSync(path), [], 'it went with the daemon');
    takeOver();
    assert.equal(readFileSync(join(path, 'file'), 'utf8'), 'of the former daemon');
    mountMemory(path, '');
    writeFileSync(join(path, 'later'), 'x');
    assert.deepEqual(readdirSync(monitor.seen(path)).toSorted(), ['file', 'later'], 'both have the same one');
    takeOver();
    unmountVolume({ kind: 'unmount-volume', cause: '', path });
    assert.deepEqual(readdirSync(path), [], 'it was mounted once');
    assert.deepEqual(lines, []);
  } finally {
    await monitor.end();
  }
});

test('what is gone is not taken over: a volume that was removed, and the last of a monitor that has ended', { skip }, async () => {
  const path = join(pods, 'other/memory');
  const monitor = await startMonitor(path);
  try {
    rmdirSync(path);
    mkdirSync(path);
    takeOver();
    assert.deepEqual(readdirSync(path), [], 'a new one of the same name');
    assert.deepEqual(readdirSync(monitor.seen(path)), [], 'its memory is free, though the monitor has never unmounted it');
  } finally {
    await monitor.end();
  }
  takeOver();
  assert.deepEqual(readdirSync(path), []);
  assert.deepEqual(lines, []);
});
