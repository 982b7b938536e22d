import assert from 'node:assert/strict';
import { closeSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bindMount, unmount } from './mounts.ts';
import { enterPrivateMounts } from './namespaces.ts';
import { pipe, readStream } from './pipe.ts';
import { run } from './run.ts';
import { connectSeqpacket } from './seqpacket.ts';
import { posixSpawn } from './spawn.ts';
import { waitForExit } from './wait.ts';

const missing = ['/usr/bin/crun', '/usr/bin/conmon'].find((program) => !existsSync(program));
const skip = process.getuid?.() !== 0 ? 'needs root' : missing === undefined ? false : `needs ${missing}`;
const scratch = mkdtempSync(join(tmpdir(), 'gantry-conmon-'));
const root = join(scratch, 'root');
const id = `gantry-test-${process.pid}`;
if (skip === false) {
  enterPrivateMounts();
  mkdirSync(root);
  // Read-only, so that nothing here can harm the machine's own root.
  bindMount('/', root, { flags: ['ro'] });
}
after(() => {
  if (skip === false) unmount(root, { detach: true });
  rmSync(scratch, { recursive: true });
});

const env = { PATH: '/usr/bin:/bin' };
const crun = (...args: readonly string[]) => run({
  path: '/usr/bin/crun', argv: ['crun', '--root', join(scratch, 'state'), ...args], env, timeoutMs: 10_000, maxOutputBytes: 1 << 16,
});

/** Creates the container under conmon and answers when conmon has reported its pid. */
async function create(script: string): Promise<void> {
  writeFileSync(join(scratch, 'config.json'), JSON.stringify({
    ociVersion: '1.0.0', root: { path: root, readonly: true },
    process: { user: { uid: 0, gid: 0 }, args: ['/bin/sh', '-c', script], env: ['PATH=/usr/bin:/bin'], cwd: '/' },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { cgroupsPath: `/${id}`, namespaces: ['pid', 'mount', 'ipc', 'uts', 'network'].map((type) => ({ type })) },
  }));
  const { readEnd, writeEnd } = pipe();
  const conmon = posixSpawn({
    path: '/usr/bin/conmon', env: { ...env, _OCI_SYNCPIPE: '3' }, files: [{ fd: 3, source: writeEnd }],
    argv: ['conmon', '--api-version', '1', '-c', id, '-u', id, '-r', '/usr/bin/crun', '--runtime-arg', `--root=${join(scratch, 'state')}`,
      '-b', scratch, '-p', join(scratch, 'pid'), '-l', `k8s-file:${join(scratch, 'log')}`, '--exit-dir', scratch,
      '--socket-dir-path', scratch, '-i', '--full-attach'],
  });
  closeSync(writeEnd);
  const [report] = await once(readStream(readEnd), 'data') as [Buffer];
  assert.match(report.toString(), /"(data|pid)": ?\d+/);
  assert.deepEqual(await waitForExit(conmon), { exitCode: 0, signal: null });
}

test('attached to a container: input, both outputs and the end of input', { skip }, async () => {
  await create('cat; echo end >&2; exit 3');
  const { records, input, destroy } = connectSeqpacket(join(scratch, 'attach'));
  const streams: Record<number, Buffer[]> = { 2: [], 3: [] };
  records.on('data', (record: Buffer) => streams[record[0] ?? 0]?.push(record.subarray(1)));
  const ended = once(records, 'end');
  assert.equal((await crun('start', id)).exitCode, 0);
  const sent = Buffer.alloc(100_000, 'gantry ');
  input.end(sent);
  await ended;
  destroy();
  assert.ok(Buffer.concat(streams[2] ?? []).equals(sent));
  assert.equal(Buffer.concat(streams[3] ?? []).toString(), 'end\n');
  for (let tries = 0; !existsSync(join(scratch, id)) && tries < 100; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(readFileSync(join(scratch, id), 'utf8'), '3');
  assert.equal((await crun('delete', '--force', id)).exitCode, 0);
});
