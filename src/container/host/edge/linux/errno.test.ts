import assert from 'node:assert/strict';
import { constants } from 'node:os';
import { test } from 'node:test';
import { errnoKind, errnoName, errnoNumber, errnoText } from './errno.ts';

test('every number agrees with the C library that Node was built with', () => {
  const known = constants.errno as Readonly<Record<string, number>>;
  let compared = 0;
  for (let number = 1; number < 140; number++) {
    const name = errnoName(number);
    if (name === undefined || known[name] === undefined) continue;
    assert.equal(known[name], number, name);
    compared += 1;
  }
  assert.ok(compared > 40);
});

test('names and numbers go both ways, and carry words and a kind', () => {
  assert.equal(errnoNumber('EBUSY'), 16);
  assert.equal(errnoName(16), 'EBUSY');
  assert.equal(errnoText(16), 'EBUSY: device or resource busy');
  assert.equal(errnoKind(16), 'conflict');
  assert.equal(errnoText(4095), 'error 4095');
  assert.equal(errnoKind(4095), 'internal');
});
