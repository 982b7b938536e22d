import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { swappedIds } from './owner-map.ts';

/** What an id on the disk is shown as. */
function shown(map: string, id: number): number | undefined {
  for (const line of map.trim().split('\n')) {
    const [inside = 0, outside = 0, count = 0] = line.split(' ').map(Number);
    if (id >= inside && id < inside + count) return outside + (id - inside);
  }
  return undefined;
}

test('two ids change places, all others stay, and none is missing or doubled', () => {
  const id = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 4_294_967_294 }));
  fc.assert(fc.property(id, id, id, (one, other, third) => {
    const map = swappedIds(one, other);
    assert.equal(shown(map, one), other);
    assert.equal(shown(map, other), one);
    if (third !== one && third !== other) assert.equal(shown(map, third), third);
    assert.equal(map.trim().split('\n').reduce((sum, line) => sum + Number(line.split(' ')[2]), 0), 4_294_967_295);
  }));
});
