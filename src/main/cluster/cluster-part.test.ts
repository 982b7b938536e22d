import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OpenParts, type ClusterPart } from './cluster-part.ts';

function part(name: string, told: string[], { opens = true, closes = true } = {}): ClusterPart {
  const say = (word: string, does: boolean) => async (): Promise<void> => {
    told.push(`${word} ${name}`);
    if (!does) throw new TypeError(`${name} is stuck`);
  };
  return { name, open: say('open', opens), close: say('close', closes) };
}

test('parts close in reverse, and one that does not keeps no other from it', async () => {
  const [told, log]: [string[], string[]] = [[], []];
  const open = new OpenParts((line) => log.push(line));
  for (const each of [part('store', told), part('names', told, { closes: false }), part('api', told)]) await open.open(each);
  await open.close();
  assert.deepEqual(told, ['open store', 'open names', 'open api', 'close api', 'close names', 'close store']);
  assert.deepEqual(log, ['cluster: names does not close: names is stuck']);
  await open.close();
  assert.equal(told.length, 6, 'nothing is closed twice');
});

test('what does not open is closed with all that had opened', async () => {
  const told: string[] = [];
  const open = new OpenParts(() => {});
  await open.open(part('store', told));
  await assert.rejects(open.open(part('names', told, { opens: false })), /names is stuck/);
  await open.close();
  assert.deepEqual(told, ['open store', 'open names', 'close names', 'close store']);
});
