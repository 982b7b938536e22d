import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ServiceTable } from '#net/service/service-table.ts';

const canMakeNamespaces = spawnSync('unshare', ['-n', 'true']).status === 0;

/** In a network namespace that goes with it: commands on standard input, what came of them on standard output. */
const PROGRAM = `
import { readFileSync } from 'node:fs';
import { runFirewallThread } from ${JSON.stringify(new URL('./firewall-thread.ts', import.meta.url).href)};
import { openNft } from ${JSON.stringify(new URL('./linux/nftables.ts', import.meta.url).href)};
const commands = readFileSync(0, 'utf8');
await runFirewallThread(commands);
const words = await runFirewallThread('add element inet nowhere x { 1 }').then(() => 'taken', (error) => error.message);
const [, { map }] = openNft().list('map inet t backend_at');
console.log(JSON.stringify({ elements: map.elem.length, words }));
`;

test('a large transaction is made in a thread, and what the kernel says comes back', { skip: canMakeNamespaces ? false : 'needs the right to make network namespaces' }, (context) => {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-thread-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  writeFileSync(`${directory}/program.mjs`, PROGRAM);
  const table = new ServiceTable();
  const backends = Array.from({ length: 10 }, (_, index) => ({ address: `10.1.0.${index + 1}`, port: 8080 }));
  table.load(new Map(Array.from({ length: 200 }, (_, index) => [`d/s${index}`, [{ protocol: 'tcp', address: `10.96.0.${index + 1}`, port: 80, backends }]])));
  const { stdout, stderr, status } = spawnSync('unshare', ['-n', process.execPath, `${directory}/program.mjs`], { encoding: 'utf8', input: [...table.renderAll('t', '10.96.0.0/16')].join('') });
  assert.equal(status, 0, stderr);
  const { elements, words } = JSON.parse(stdout) as { elements: number; words: string };
  assert.equal(elements, 2000);
  assert.match(words, /the firewall refused a change: .*No such file or directory/);
});
