import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { FakeEngine } from '../../fake-engine.ts';
import type { Builder, ClassicBuildEvent } from '../builder.ts';
import { createDockerServer } from '../server.ts';

const nothing = (): never => { throw new TypeError('not of this test'); };

/** What the API answers to a build that tells this and then fails. */
async function failedBuild(told: readonly ClassicBuildEvent[], error: GantryError): Promise<{ status: number; text: string }> {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-build-'));
  const builder: Builder = { serve: nothing, attach: nothing, records: nothing, prune: nothing, async *classic() { yield* told; throw error; } };
  const server = createDockerServer({ engine: new FakeEngine(), clock: { nowNs: () => 0n, monotonicMs: () => 0 }, version: '1', log: () => {}, builder: async () => builder });
  try {
    const socketPath = join(directory, 'socket');
    await server.listenUnix(socketPath, { mode: 0o600, gid: process.getgid?.() ?? 0 });
    return await new Promise((resolve, reject) => {
      const asked = request({ socketPath, method: 'POST', path: '/build', agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      });
      asked.on('error', reject);
      asked.end('a context');
    });
  } finally {
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const ERROR = new GantryError('invalid', 'dockerfile parse error on line 1');

test('a build that fails before it told anything is answered with a status', async () => {
  const { status, text } = await failedBuild([], ERROR);
  assert.deepEqual([status, JSON.parse(text)], [400, { message: 'dockerfile parse error on line 1' }]);
});

test('one whose Dockerfile was read fails in the stream, with the exit code of a command', async () => {
  const { status, text } = await failedBuild([{ kind: 'begun' }], Object.assign(new GantryError('invalid', 'it failed'), { exitCode: 7 }));
  assert.deepEqual([status, JSON.parse(text)], [200, { errorDetail: { code: 7, message: 'it failed' }, error: 'it failed' }]);
});

test('one that fails later tells it in the stream that has begun', async () => {
  const { status, text } = await failedBuild([{ kind: 'stream', text: 'Step 1' }], ERROR);
  assert.equal(status, 200);
  assert.deepEqual(text.split('\r\n').filter(Boolean).map((line) => JSON.parse(line) as unknown), [{ stream: 'Step 1' }, { errorDetail: { message: 'dockerfile parse error on line 1' }, error: 'dockerfile parse error on line 1' }]);
});
