import assert from 'node:assert/strict';
import { constants, PerformanceObserver } from 'node:perf_hooks';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { PassingBuffers, shrinkYoungGeneration } from './young-generation.ts';

const youngBytes = (): number => getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.physical_space_size ?? 0;

test('a young generation that work made large is small again', () => {
  const kept: unknown[] = [];
  for (let made = 0; made < 1_000_000; made++) kept[made % 10_000] = { made, list: [made] };
  kept.length = 0;
  const before = youngBytes();
  assert.equal(shrinkYoungGeneration(), true, `${before} bytes`);
  assert.ok(youngBytes() < before / 2, `${youngBytes()} bytes of ${before}`);
  assert.equal(shrinkYoungGeneration(), false, 'there is nothing left to gain');
});

/** Collections of the whole heap while 512 MiB pass, in buffers of 64 KiB. */
async function thoroughWhilePassing(passing: { passed(bytes: number): void }): Promise<number> {
  let thorough = 0;
  const observer = new PerformanceObserver((list) => {
    const kinds = list.getEntries().map((entry) => (entry as unknown as { readonly detail: { readonly kind: number } }).detail.kind);
    thorough += kinds.filter((kind) => kind === constants.NODE_PERFORMANCE_GC_MAJOR).length;
  });
  await pause(10);
  observer.observe({ entryTypes: ['gc'] });
  for (let passed = 0; passed < 512 << 20; passed += 64 << 10) {
    passing.passed(new Uint8Array(64 << 10).length);
    if (passed % (1 << 20) === 0) await pause();
  }
  await pause(10);
  observer.disconnect();
  return thorough;
}

test('buffers that pass by cost no collection of the whole heap', async () => {
  // As the daemon is started, after a rest.
  setFlagsFromString('--heap-growing-percent=100');
  const kept = Array.from({ length: 200_000 }, (_, made) => ({ made, list: [made] }));
  const before = await thoroughWhilePassing({ passed: () => undefined });
  const after = await thoroughWhilePassing(new PassingBuffers());
  assert.equal(kept.length, 200_000);
  assert.ok(after <= 1 && before > after + 3, `${after} instead of ${before}`);
});
