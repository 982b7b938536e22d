import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayMount } from './file-views.ts';

test('whoever could mount, or tells nothing, is not looked into by this process', () => {
  const status = (bounding: string): string => `Name:\tsh\nCapEff:\t0000000000000000\nCapBnd:\t${bounding}\nCapAmb:\t0000000000000000\n`;
  assert.equal(mayMount(status('00000000a80425fb')), false, 'the default of containers');
  assert.equal(mayMount(status('0000000000200000')), true, 'CAP_SYS_ADMIN alone');
  assert.equal(mayMount(status('000001ffffffffff')), true, '--privileged');
  assert.equal(mayMount('Name:\tsh\n'), true);
});
