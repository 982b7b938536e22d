import assert from 'node:assert/strict';
import { closeSync, existsSync } from 'node:fs';
import { after, test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { createNetworkNamespace } from './namespaces.ts';
import { nftComment, nftLink, nftName } from './nft-names.ts';
import { openNft } from './nftables.ts';

const hasLibrary = ['x86_64', 'aarch64'].some((machine) => existsSync(`/usr/lib/${machine}-linux-gnu/libnftables.so.1`));
const skip = process.getuid?.() !== 0 ? 'needs root' : hasLibrary ? false : 'needs libnftables1';
const netns = skip === false ? createNetworkNamespace() : -1;
const nft = skip === false ? openNft(netns) : undefined;
after(() => {
  nft?.close();
  if (netns >= 0) closeSync(netns);
});

function session() {
  assert.ok(nft);
  return nft;
}

test('commands take effect in the namespace, and are listed as values', { skip }, () => {
  session().run('add table inet t1; add map inet t1 ports { type inet_service : ipv4_addr; }; add element inet t1 ports { 80 : 10.0.0.2 }');
  const map = session().list('map inet t1 ports').find((entry) => 'map' in entry) as { map: { name: string; elem: unknown } };
  assert.equal(map.map.name, 'ports');
  assert.deepEqual(map.map.elem, [[80, '10.0.0.2']]);
  assert.match(session().run('list tables'), /table inet t1/);
  using elsewhere = openNft();
  assert.doesNotMatch(elsewhere.run('list tables'), /table inet t1\b/);
});

test('all or nothing, with the words of nft', { skip }, () => {
  assert.throws(() => session().run('add table inet t2; add chain inet nosuch c'), (thrown: unknown) => {
    assert.ok(thrown instanceof GantryError);
    assert.equal(thrown.kind, 'not-found');
    assert.match(thrown.message, /No such file or directory/);
    return true;
  });
  assert.doesNotMatch(session().run('list tables'), /t2/);
  assert.throws(() => session().run('add tabel x'), { kind: 'invalid', message: /syntax error/ });
  assert.equal(session().run('add table inet t3'), '');
});

test('commands as values', { skip }, () => {
  session().runJson({ nftables: [
    { add: { table: { family: 'inet', name: 'json' } } },
    { add: { chain: { family: 'inet', table: 'json', name: 'forward', type: 'filter', hook: 'forward', prio: 0, policy: 'drop' } } },
    { add: { rule: { family: 'inet', table: 'json', chain: 'forward', comment: 'by Gantry', expr: [
      { match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'br0' } }, { accept: null },
    ] } } },
  ] });
  const rule = session().list('table inet json').find((entry) => 'rule' in entry) as { rule: { handle: number; comment: string } };
  assert.equal(rule.rule.comment, 'by Gantry');
  assert.ok(rule.rule.handle > 0);
  assert.throws(() => session().runJson({ nftables: [{ add: { table: { family: 'inet', name: 'nosuch' } } }, { add: { chain: { family: 'inet', table: 'none', name: 'c' } } }] }), GantryError);
  assert.doesNotMatch(session().run('list tables'), /nosuch/);
});

test('text that means something to nft never gets into a command', { skip }, () => {
  for (const text of ['a"; flush ruleset; "', 'a{b', 'a;b', 'a\nb', '$(x)', 'a\\b', 'a\0b']) {
    assert.throws(() => session().runJson({ nftables: [{ add: { table: { family: 'inet', name: text } } }] }), { kind: 'invalid' }, text);
    for (const guard of [nftName, nftLink, nftComment]) assert.throws(() => guard(text), { kind: 'invalid' }, text);
  }
  assert.throws(() => nftName('1a'), { kind: 'invalid' });
  assert.throws(() => nftLink('sixteen-bytes-xx'), { kind: 'invalid' });
  assert.throws(() => nftComment('é'), { kind: 'invalid' });
  const long = 'a'.repeat(127);
  session().run(`add table inet ${nftName('g-1_x')} { comment ${nftComment(long)}; }`);
  assert.equal(nftLink('eth0.5'), '"eth0.5"');
});
