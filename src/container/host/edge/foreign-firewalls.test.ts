import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { parseCidr } from '#net/cidr.ts';
import { wantedElements } from '#net/firewall/elements.ts';
import { renderPlan } from '#net/firewall/render-nft.ts';
import { subnetsOfOthers } from './foreign-firewalls.ts';
import { createNetworkNamespace } from './linux/namespaces.ts';
import { openNft } from './linux/nftables.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';

test('the subnets in tables of other engines are known, those of our own and of strangers are not', { skip }, () => {
  const namespace = createNetworkNamespace();
  using nft = openNft(namespace);
  const make = (table: string, subnets: readonly string[], internal = false): void => {
    const network = { bridge: 'gone', subnets: subnets.map(parseCidr), internal, masquerade: true, betweenContainers: true };
    nft.run(renderPlan(table, { kind: 'replace', cause: 'a test', elements: wantedElements([network], []) }));
  };
  try {
    assert.deepEqual(subnetsOfOthers(nft, 'gantry'), []);
    make('gantry', ['172.17.0.0/16']);
    make('gantry_0123abcd', ['172.18.0.0/16', 'fd00:1::/64']);
    make('gantry_0123abce', ['10.9.8.0/24'], true);
    nft.run('add table inet gantry_0123abcd_services\nadd table inet gantry_0000ffff\nadd table inet other\ntable inet other {\n set own4 {\n type ipv4_addr\n elements = { 10.1.1.1 }\n }\n }\n');
    assert.deepEqual(subnetsOfOthers(nft, 'gantry').toSorted(), ['10.9.8.0/24', '172.18.0.0/16', 'fd00:1::/64']);
    assert.deepEqual(subnetsOfOthers(nft, 'gantry_0123abcd').toSorted(), ['10.9.8.0/24', '172.17.0.0/16']);
  } finally {
    closeSync(namespace);
  }
});
