import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { ObservedContainer } from './observed.ts';
import { TerminationMessages, type TerminationParts } from './termination-messages.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A node whose containers wrote this, and how often it was read. */
function open(written: string, log: readonly string[]): { readonly messages: TerminationMessages; readonly reads: string[] } {
  const reads: string[] = [];
  const parts = {
    node: { terminationFile: async (uid: string, name: string) => `/node/${uid}/${name}`, readTermination: async (_: string, name: string) => { reads.push(name); return bytes(written); } },
    engine: { containers: { logs: async function* (_: string, { tail = 0 }: { tail?: number }) { yield log.slice(-tail).map((line) => ({ bytes: bytes(line) })); } } },
  };
  return { messages: new TerminationMessages(parts as unknown as TerminationParts), reads };
}

const pod = (more: object = {}): KubeObject => ({ metadata: { uid: 'u' }, spec: { containers: [{ name: 'c', ...more }] } }) as unknown as KubeObject;
const seen = (state: string, exitCode = 1): readonly ObservedContainer[] => [{ id: 'id' as ContainerId, name: 'c', attempt: 2, state, exitCode } as ObservedContainer];

test('a run of a container has a file of its own where it is looked for', async () => {
  const { messages } = open('', []);
  const [mount] = await messages.mountOf(pod(), { name: 'c', terminationMessagePath: '/tmp/why' }, 2);
  assert.deepEqual([mount?.kind === 'bind' && mount.source, mount?.target, mount?.readonly], ['/node/u/c.2', '/tmp/why', false]);
});

test('it is read once, when the run is over', async () => {
  const { messages, reads } = open('gave up', []);
  assert.equal((await messages.of(pod(), seen('running'))).size, 0);
  for (let times = 0; times < 3; times += 1) assert.deepEqual([...await messages.of(pod(), seen('exited'))], [['id', 'gave up']]);
  assert.deepEqual(reads, ['c.2']);
});

test('the end of the log takes its place where that is asked for and the run failed', async () => {
  const lines = Array.from({ length: 100 }, (_, number) => `line ${number}\n`);
  const fallback = pod({ terminationMessagePolicy: 'FallbackToLogsOnError' });
  const of = async (written: string, each: KubeObject, exitCode: number, log: readonly string[] = lines): Promise<string | undefined> => (await open(written, log).messages.of(each, seen('exited', exitCode))).get('id' as ContainerId);
  assert.equal(await of('', fallback, 1), lines.slice(-80).join(''));
  assert.equal((await of('', fallback, 1, [`${'x'.repeat(5000)}end`]))?.length, 2048);
  assert.match(await of('', fallback, 1, [`${'x'.repeat(5000)}end`]) ?? '', /xend$/);
  assert.deepEqual([await of('said', fallback, 1), await of('', fallback, 0), await of('', pod(), 1)], ['said', undefined, undefined]);
});
