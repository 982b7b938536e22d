import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DockerUserChain, handlesFor, withdraw } from './docker-user.ts';
import { createNetworkNamespace } from './linux/namespaces.ts';
import { openNft } from './linux/nftables.ts';

const needsRoot = process.getuid?.() === 0 ? false : 'needs root';

test('rules are found by the bridge that they name, and by no other', () => {
  const rule = (handle: number, right: string) => ({ rule: { handle, expr: [{ match: { op: '==', left: { meta: { key: 'iifname' } }, right } }, { accept: null }] } });
  assert.deepEqual(handlesFor([{ metainfo: {} }, { chain: {} }, rule(3, 'gantry0'), rule(4, 'gantry-1')], 'gantry0'), [3]);
});

test('the bridge is let through once where Docker is, and its rules go again', { skip: needsRoot }, () => {
  using nft = openNft(createNetworkNamespace());
  new DockerUserChain(nft).admit('gantry0');
  assert.equal(nft.run('list ruleset').trim(), '', 'nothing is made where Docker is not');
  nft.run('add table ip filter; add chain ip filter DOCKER-USER; add rule ip filter DOCKER-USER iifname "eth9" drop');
  new DockerUserChain(nft).admit('gantry0');
  new DockerUserChain(nft).admit('gantry0');
  const listed = nft.run('list chain ip filter DOCKER-USER');
  assert.equal(listed.match(/gantry0/g)?.length, 2, listed);
  assert.ok(listed.indexOf('gantry0') < listed.indexOf('eth9'), 'ahead of what others drop');
  withdraw(nft, 'gantry0');
  assert.doesNotMatch(nft.run('list chain ip filter DOCKER-USER'), /gantry0/);
  assert.match(nft.run('list chain ip filter DOCKER-USER'), /eth9/);
});
