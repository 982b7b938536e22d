import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SealedLayer } from '#image/snapshot/port.ts';
import type { Arrival, AssembleRequest, TreeAction, TreeSource } from '#image/snapshot/tree-work.ts';
import { isWorthPreparing, PreparedLayer } from './prepared-layer.ts';

const LAYER = { chain: 'sha256:1' } as unknown as SealedLayer;
const never = new AbortController().signal;

const arrival = (whole: Promise<void> = Promise.resolve()): Arrival => ({ files: [{ path: 'models/large.bin', size: 9, modifiedNs: 0n }], isAllElseThere: true, follow: () => () => undefined, digest: () => undefined, whole });
const context = (arriving: Arrival = arrival()): TreeSource => ({ kind: 'directory', path: '/c', arriving });
const copy = (parts: readonly object[], more: object = {}): TreeAction => ({ kind: 'copy', source: 0, parts, pattern: '', destination: '/', rules: [], unpacks: false, isRequired: true, ...more } as TreeAction);
const request = (arriving?: Arrival): AssembleRequest => ({ base: [], sources: [context(arriving)], actions: [copy([])] });

test('a copy is prepared that may take in what is coming, and unpacks nothing', () => {
  const worth = (...actions: TreeAction[]): boolean => isWorthPreparing({ sources: [context(), { kind: 'directory', path: '/other' }], actions });
  assert.ok(worth(copy([])));
  assert.ok(worth(copy([{ name: 'models' }])));
  assert.ok(worth(copy([{ name: 'small' }]), copy([{ regex: 'mod.*' }, { regex: '[^/]*bin' }])));
  assert.ok(!worth(copy([{ name: 'models' }, { name: 'other.bin' }])));
  assert.ok(!worth(copy([{ name: 'models' }, { name: 'large.bin' }, { name: 'below' }])));
  assert.ok(!worth(copy([], { source: 1 })));
  assert.ok(!worth(copy([]), copy([{ name: 'a.tar' }], { unpacks: true })));
  assert.ok(!worth({ kind: 'directory', path: '/d', mode: 0o755 }));
});

test('a layer comes to be when it is asked for', async () => {
  let wanted = false;
  const prepared = new PreparedLayer({ assemble: async (asked) => {
    await asked.wanted;
    wanted = true;
    return LAYER;
  } }, request());
  await new Promise(setImmediate);
  assert.ok(!wanted);
  assert.equal(await prepared.finish(never), LAYER);
});

test('what was begun with something else than what came is nothing', async () => {
  const prepared = new PreparedLayer({ assemble: async () => await Promise.reject(new TypeError('ended')) }, request(arrival(Promise.reject(new TypeError('another size')))));
  assert.equal(await prepared.finish(never), undefined);
});

test('its failure is told, and who gives it up ends it', async () => {
  const failing = new PreparedLayer({ assemble: async () => await Promise.reject(new TypeError('no such file')) }, request());
  await assert.rejects(failing.finish(never), /no such file/);
  let ended: AbortSignal | undefined;
  const endless = new PreparedLayer({ assemble: (_, signal) => {
    ended = signal;
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new TypeError('given up'))));
  } }, request());
  const stop = new AbortController();
  const finished = endless.finish(stop.signal);
  stop.abort();
  await assert.rejects(finished, /given up/);
  assert.ok(ended?.aborted);
});
