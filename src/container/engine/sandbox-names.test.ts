import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecords } from '#net/dns/alias.ts';
import { RCODE, TYPE } from '#net/dns/message.ts';
import { parseIp } from '#net/ip.ts';
import type { ContainerTable } from './container-table.ts';
import type { NetworkClaims } from './network-claims.ts';
import { SandboxNames, servesNames } from './sandbox-names.ts';
import { request } from './_simulation.ts';

const plain = request('web').sandbox;
const served = { ...plain, dns: { ...plain.dns, served: true as const } };
const table = { version: 0, get: (id: string) => (id === 'pod' ? { spec: { sandbox: served }, state: { endpoints: [] } } : undefined) } as unknown as ContainerTable;
const names = new SandboxNames(table, { version: 0 } as unknown as NetworkClaims, { serveNamesAt: async () => ({ port: 5353, close: () => {} }) });

function question(name: string): Uint8Array {
  const labels = name.split('.').flatMap((label) => [label.length, ...new TextEncoder().encode(label)]);
  return Uint8Array.from([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...labels, 0, 0, TYPE.a, 0, 1]);
}
const codeOf = (message: Uint8Array): number => (message[3] ?? 0) & 0xf;

test('a sandbox is served where it stands in a network of its own making, or asks for it', () => {
  assert.deepEqual([servesNames(plain, [{ network: 'bridge' }]), servesNames(plain, [{ network: 'own' }]), servesNames(served, [{ network: 'bridge' }])], [false, true, true]);
});

test('until somebody knows the names, whoever asks is told to come again', () => {
  const reply = names.reply('pod', question('web.shop'), 'udp');
  assert.ok(reply.kind === 'answer' && codeOf(reply.message) === RCODE.serverFailure);
});

test('what is known is answered, also to who asks at the host; an alias with what it leads to; others are asked for the rest', () => {
  const address = { rcode: RCODE.ok, ttlSeconds: 5, resources: [{ kind: 'address', ip: parseIp('10.96.0.7') }] } as const;
  names.answerWith(({ name }) => (name === 'web.shop' ? address : name === 'near' ? { target: 'web.shop' } : name === 'far' ? { target: 'example.com' } : undefined));
  for (const sandbox of ['pod', '']) {
    const reply = names.reply(sandbox, question('web.shop'), 'udp');
    assert.ok(reply.kind === 'answer');
    assert.deepEqual(readRecords(reply.message), [{ kind: 'address', ip: parseIp('10.96.0.7'), owner: 'web.shop' }]);
  }
  const near = names.reply('pod', question('near'), 'udp');
  assert.ok(near.kind === 'answer');
  assert.deepEqual(readRecords(near.message), [{ kind: 'alias', name: 'web.shop', owner: 'near' }, { kind: 'address', ip: parseIp('10.96.0.7'), owner: 'web.shop' }]);
  const far = names.reply('pod', question('far'), 'udp');
  assert.ok(far.kind === 'forward');
  assert.deepEqual(far.alias, { target: 'example.com', maxBytes: 512 });
  assert.equal(names.reply('pod', question('example.com'), 'udp').kind, 'forward');
});

test('a stranger is refused', () => {
  const reply = names.reply('nobody', question('web.shop'), 'udp');
  assert.ok(reply.kind === 'answer' && codeOf(reply.message) === RCODE.refused);
});
