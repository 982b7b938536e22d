import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseBind } from './bind-spec.ts';

test('what is for volumes is refused for a directory of the host', () => {
  assert.throws(() => parseBind('/etc:/a:ro,nocopy'), { message: 'invalid volume specification: \'/etc:/a:ro,nocopy\': invalid mount config for type "bind": field VolumeOptions must not be specified' });
  assert.equal(parseBind('data:/a:nocopy').copyUp, false);
});
