import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { checkExchange, type Checked } from './contract/check-exchange.ts';
import type { Fault } from './contract/check-value.ts';
import { compareExchanges } from './contract/compare-exchanges.ts';
import { isKnownDeviation, KNOWN_DEVIATIONS } from './contract/known-deviations.ts';
import { KNOWN_API_DIFFERENCES } from './contract/known-differences.ts';
import { playEverything, type Played } from './contract/play.ts';
import { readDescription } from './contract/read-description.ts';
import type { Difference } from './differential/compare.ts';
import { isKnown } from './differential/known-differences.ts';
import { openReference } from './differential/reference.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';

/*
 * One script of requests, which leaves out no operation, is played on our daemon and on the reference engine. Every
 * answer is held against the description of the API, and ours against the reference's.
 */

const description = whyNoImage() ?? readDescription();
const reference = typeof description === 'string' ? description : await openReference();
/** No registry that both could reach, no managed plugins, no swarm: each has its reason in the table of known differences. */
const NEVER_ALIKE: readonly string[] = ['GET /images/search', 'POST /auth', 'GET /plugins/privileges', 'POST /plugins/pull', 'POST /plugins/create', 'POST /swarm/init', 'POST /swarm/join'];
const COVERAGE = new URL('./ratchet/docker-api-contract.txt', import.meta.url).pathname;
const SEEN = new URL('./artifacts/docker-api-contract.txt', import.meta.url).pathname;

describe('the description of the API', { skip: typeof description === 'string' ? description : false }, () => {
  if (typeof description === 'string') return;
  const usedDeviations = new Set<number>();
  let daemon: TestDaemon;
  let ours: Played;
  let theirs: Played | undefined;

  before(async () => {
    daemon = await TestDaemon.start();
    const prefix = `gct${process.pid}`;
    const scene = { prefix, image: `${prefix}img:1`, archive: readFileSync(busyboxTar()) };
    const port = 20_000 + (process.pid % 1000) * 4;
    [ours, theirs] = await Promise.all([
      playEverything(daemon.socket, { ...scene, port }),
      typeof reference === 'string' ? undefined : playEverything(reference.socket, { ...scene, port: port + 1 }),
    ]);
  });

  after(async () => {
    await daemon?.destroy();
    if (typeof reference !== 'string') await reference.close();
  });

  function faultsOf({ exchanges }: Played, engine: 'dockerd' | 'gantry'): string[] {
    const unknown = exchanges.map((exchanged) => checkExchange(description as Exclude<typeof description, string>, exchanged)).flatMap((checked) =>
      checked.faults.filter((fault) => {
        const index = KNOWN_DEVIATIONS.findIndex((known) => isKnownDeviation(known, checked, fault, engine));
        usedDeviations.add(index);
        return index === -1;
      }).map((fault) => told(checked, fault)));
    return [...new Set(unknown)];
  }

  test('every answer of ours is as described', () => {
    assert.deepEqual(faultsOf(ours, 'gantry'), []);
  });

  test('every answer of the reference is as described, but for what is known', { skip: typeof reference === 'string' ? reference : false }, () => {
    assert.deepEqual(faultsOf(theirs as Played, 'dockerd'), []);
    const stale = KNOWN_DEVIATIONS.filter(({ isRare }, index) => isRare !== true && !usedDeviations.has(index)).map(({ reason, place }) => `${place}: ${reason}`);
    assert.deepEqual(stale, [], 'deviations in the table that are none any more');
  });

  test('every operation is played, and none has lost a status', () => {
    const seen = new Map(description.operations.map(({ title }) => [title, new Set<number>()]));
    for (const exchanged of ours.exchanges) {
      const { operation, status } = checkExchange(description, exchanged);
      if (operation !== undefined) seen.get(operation)?.add(status);
    }
    const lines = [...seen].map(([title, statuses]) => `${title}: ${[...statuses].sort((left, right) => left - right).join(' ')}`).sort();
    mkdirSync(new URL('.', `file://${SEEN}`), { recursive: true });
    writeFileSync(SEEN, `${lines.join('\n')}\n`);
    assert.equal(lines.length, 107);
    assert.deepEqual(lines.filter((line) => line.endsWith(': ')), [], 'operations that nothing asked for');
    const listed = readFileSync(COVERAGE, 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    const lost = listed.filter((line) => {
      const [title = '', status = ''] = line.split(': ');
      return seen.get(title)?.has(Number(status)) !== true;
    });
    assert.deepEqual(lost, [], `what was seen is in ${SEEN}`);
  });

  test('the reference answers the same', { skip: typeof reference === 'string' ? reference : false }, () => {
    const used = new Set<number>();
    const unknown = compareExchanges(theirs as Played, ours).filter((difference) => {
      const index = KNOWN_API_DIFFERENCES.findIndex((known) => isKnown(known, difference));
      used.add(index);
      return index === -1;
    });
    assert.equal(unknown.length, 0, `\n${unknown.map(toldDifference).join('\n')}`);
    const stale = KNOWN_API_DIFFERENCES.filter(({ isRare }, index) => isRare !== true && !used.has(index)).map(({ command, place }) => `${command} ${place}`);
    assert.deepEqual(stale, [], 'differences in the table that are none any more');
  });

  test('of every operation the reference gave some answer with our status, but of those that are another matter by design', { skip: typeof reference === 'string' ? reference : false }, () => {
    const alike = new Set((theirs as Played).exchanges.flatMap((exchanged, index) => {
      const { operation, status } = checkExchange(description, exchanged);
      return status === ours.exchanges[index]?.status ? [operation] : [];
    }));
    assert.deepEqual(description.operations.map(({ title }) => title).filter((title) => !alike.has(title)), NEVER_ALIKE);
  });
});

function told({ operation, status }: Checked, { place, message }: Fault): string {
  return `${operation} ${status} [${place}] ${message}`;
}

function toldDifference({ command, place, theirs, ours }: Difference): string {
  return `${command} [${place}]\n  theirs: ${theirs ?? 'nothing'}\n  ours:   ${ours ?? 'nothing'}`;
}
