import assert from 'node:assert/strict';
import { closeSync, existsSync } from 'node:fs';
import { test } from 'node:test';
import { renderPlan } from '#net/firewall/render-nft.ts';
import { FirewallWatch } from './firewall-watch.ts';
import { createNetworkNamespace, inNetworkNamespace, openNamespace } from './linux/namespaces.ts';
import { openNft } from './linux/nftables.ts';

const hasLibrary = ['x86_64', 'aarch64'].some((machine) => existsSync(`/usr/lib/${machine}-linux-gnu/libnftables.so.1`));
const skip = process.getuid?.() !== 0 ? 'needs root' : hasLibrary ? false : 'needs libnftables1';
/** A look comes within it. */
const LOOK_MS = 500;

test('the table is read after changes of others, and not after ours', { skip }, async () => {
  const home = openNamespace('net');
  const netns = createNetworkNamespace();
  using nft = openNft(netns);
  const lost: string[] = [];
  let reads = 0;
  const list = nft.listTerse.bind(nft);
  nft.listTerse = (what) => {
    reads += 1;
    return list(what);
  };
  nft.run(renderPlan('gantry', { kind: 'replace', cause: 'a test', elements: [] }));
  const watch = inNetworkNamespace(netns, home, () => new FirewallWatch(nft, 'gantry', (cause) => lost.push(cause)));
  const publish = (port: number): void => {
    nft.run(`add element inet gantry publish4_any { 6 . ${port} : 172.17.0.2 . 80 }`);
    watch.changedByUs();
  };
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    for (const end = performance.now() + 10_000; !holds(); await new Promise((resolve) => setTimeout(resolve, 20))) assert.ok(performance.now() < end, what);
  };
  try {
    for (const port of [1, 2, 3]) publish(port);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    assert.equal(reads, 0, 'ours only');
    nft.run('add table inet other');
    publish(4);
    await until('one of others, hidden behind one of ours, is looked at', () => reads === 1);
    assert.deepEqual(lost, []);
    publish(5);
    nft.run('flush chain inet gantry forward');
    await until('a chain that was flushed is told of', () => lost.length > 0);
    assert.match(lost[0] ?? '', /its chain forward has 0 rules/);
  } finally {
    watch.close();
    closeSync(netns);
    closeSync(home);
  }
});
