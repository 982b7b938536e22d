import assert from 'node:assert/strict';

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Looks until it is so, and says what it saw last where it never is. The bound is far above what anything takes, so that a
 * loaded machine is no failure.
 */
export async function eventually<Value>(what: string, look: () => Value | Promise<Value>, isSo: (value: Value) => boolean, withinMs = 20_000): Promise<Value> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    assert.ok(performance.now() < deadline, `${what}: not within ${withinMs} ms; at last: ${JSON.stringify(value)}`);
    await sleep(20);
  }
}
