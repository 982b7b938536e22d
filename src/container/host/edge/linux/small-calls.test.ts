import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { peerCredentials } from './peercred.ts';
import { becomeSubreaper } from './prctl.ts';
import { identifyProcess, onProcessExit, readProcessStat } from './processes.ts';
import { pipe, readStream } from './pipe.ts';
import { posixSpawn } from './spawn.ts';
import { syncFileSystem } from './syncfs.ts';
import { waitForExit, waitPid } from './wait.ts';

const scratch = mkdtempSync(join(tmpdir(), 'gantry-small-'));
after(() => rmSync(scratch, { recursive: true }));

test('syncfs answers for a file system and refuses what is none', () => {
  syncFileSystem(scratch);
  assert.throws(() => syncFileSystem(join(scratch, 'none')), { code: 'ENOENT' });
});

test('the peer of a unix socket is known', async () => {
  const path = join(scratch, 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  const client = connect(path);
  const [accepted] = await once(server, 'connection') as [Socket];
  assert.deepEqual(peerCredentials(accepted), { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() });
  client.destroy();
  accepted.destroy();
  assert.throws(() => peerCredentials(accepted), { kind: 'internal' });
  server.close();
});

test('orphans come to the subreaper, which sees their end and reaps them', async () => {
  becomeSubreaper();
  const { readEnd, writeEnd } = pipe();
  const parent = posixSpawn({
    path: '/bin/sh', argv: ['sh', '-c', 'sleep 0.2 & echo $!; exec >&-'], env: { PATH: '/bin' }, files: [{ fd: 1, source: writeEnd }],
  });
  closeSync(writeEnd);
  const output = readStream(readEnd);
  const [line] = await once(output, 'data') as [Buffer];
  await waitForExit(parent);
  const orphan = identifyProcess(Number(line.toString()));
  assert.ok(orphan);
  assert.equal(readProcessStat(orphan.pid)?.parent, process.pid);
  await new Promise<void>((resolve) => void onProcessExit(orphan, resolve));
  assert.deepEqual(waitPid(orphan.pid), { exitCode: 0, signal: null });
});

