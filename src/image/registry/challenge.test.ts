import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseChallenges } from './challenge.ts';

const cases: [header: string, wanted: [scheme: string, parameters: Record<string, string>][]][] = [
  ['', []],
  ['Basic realm="x y"', [['basic', { realm: 'x y' }]]],
  ['Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [['bearer', { realm: 'https://auth.docker.io/token', service: 'registry.docker.io', scope: 'repository:a/b:pull,push' }]]],
  ['bearer Realm = "a\\"b" , ERROR=insufficient_scope', [['bearer', { realm: 'a"b', error: 'insufficient_scope' }]]],
  ['Negotiate, Basic realm="r"', [['negotiate', {}], ['basic', { realm: 'r' }]]],
  ['NTLM TlRMTVNTUAAB==, Bearer realm="t"', [['ntlm', {}], ['bearer', { realm: 't' }]]],
  ['Basic realm="one", Bearer realm="two",service=s', [['basic', { realm: 'one' }], ['bearer', { realm: 'two', service: 's' }]]],
  ['Bearer realm="first",realm="second"', [['bearer', { realm: 'first' }]]],
  ['Bearer realm="not closed', [['bearer', {}]]],
  [`Bearer realm="${'x'.repeat(9000)}"`, []],
  ['= , =', []],
];
for (const [header, wanted] of cases) {
  test(`challenges of ${header.slice(0, 60)}`, () => {
    assert.deepEqual(parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]), wanted);
  });
}

test('any header ends quickly and throws nothing', () => {
  fc.assert(fc.property(fc.string({ maxLength: 8192, unit: fc.constantFrom(...'Ba="\\,; \tz1') }), (header) => {
    parseChallenges(header);
  }), { numRuns: 200 });
});
