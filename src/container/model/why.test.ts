import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerSpec } from './container-spec.ts';
import { FRESH_STATE } from './container-state.ts';
import { withHappening, type Happening, type HappeningKind } from './happening.ts';
import { whyOf } from './why.ts';

const chainOf = (...kinds: readonly HappeningKind[]): readonly Happening[] => kinds.reduce<readonly Happening[]>((chain, kind, at) => withHappening(chain, { atNs: String(at), ...kind }), []);
const why = (...kinds: readonly HappeningKind[]): string[] => whyOf({ spec: {} as ContainerSpec, state: { ...FRESH_STATE, history: chainOf(...kinds) } }).map(({ text }) => text);

test('the chain begins with the last start that somebody asked for', () => {
  assert.deepEqual(why(
    { kind: 'created' }, { kind: 'start', by: 'request' }, { kind: 'started' }, { kind: 'ended', exitCode: 0, oomKilled: false, ranMs: 1 },
    { kind: 'start', by: 'request' }, { kind: 'started' }, { kind: 'ended', exitCode: 137, oomKilled: true, ranMs: 2500, memoryLimit: 64 },
    { kind: 'restart-due', delayMs: 100, attempt: 1 }, { kind: 'start', by: 'restart policy' }, { kind: 'started' },
  ), [
    'a client of the API asked for its start', 'it started', 'the kernel killed a process of it for memory (its limit is 64 bytes), and it ended with exit code 137 after 2.5 s',
    'the restart policy starts it again (attempt 1) after 100 ms', 'the restart policy asked for its start', 'it started',
  ]);
});

test('what never started tells of its creation; codes above 128 are signals', () => {
  assert.deepEqual(why({ kind: 'created' }), ['it was created']);
  assert.match(why({ kind: 'ended', exitCode: 143, oomKilled: false, ranMs: 0 })[0] ?? '', /exit code 143: SIGTERM$/);
  assert.match(why({ kind: 'ended', exitCode: 3, oomKilled: false, ranMs: 0 })[0] ?? '', /by itself/);
});

test('a chain is bounded in links and in bytes, and keeps its beginning', () => {
  let chain: readonly Happening[] = [{ atNs: '0', kind: 'created' }];
  for (let at = 1; at < 500; at++) chain = withHappening(chain, { atNs: String(at), kind: 'start-failed', message: 'x'.repeat(100_000) });
  assert.equal(chain.length, 24);
  assert.equal(chain[0]?.kind, 'created');
  assert.equal(chain.at(-1)?.atNs, '499');
  assert.ok(JSON.stringify(chain).length < 20_000);
});
