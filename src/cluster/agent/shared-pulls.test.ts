import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { ManualClock } from '#base/manual-clock.ts';
import type { EnginePort } from '#container/engine/port.ts';
import { SharedPulls } from './shared-pulls.ts';

const settle = async (): Promise<void> => { for (let turn = 0; turn < 20; turn += 1) await Promise.resolve(); };

function start(clock = new ManualClock()): { pulls: SharedPulls; asked: string[]; answer: (outcome: string | GantryError) => void } {
  const [asked, waiting]: [string[], PromiseWithResolvers<{ id: string }>[]] = [[], []];
  const pull = ({ reference }: { readonly reference: string }): Promise<{ id: string }> => {
    asked.push(reference);
    const answer = Promise.withResolvers<{ id: string }>();
    waiting.push(answer);
    return answer.promise;
  };
  return {
    pulls: new SharedPulls({ images: { pull } } as unknown as EnginePort, clock), asked,
    answer: (outcome) => typeof outcome === 'string' ? waiting.shift()?.resolve({ id: outcome }) : waiting.shift()?.reject(outcome),
  };
}

test('who asks while an image is being pulled is answered by the next pull, which all of them share', async () => {
  const { pulls, asked, answer } = start();
  const first = pulls.pull('web');
  const others = [pulls.pull('web'), pulls.pull('web'), pulls.pull('web')];
  const another = pulls.pull('db');
  await settle();
  assert.deepEqual(asked, ['web', 'db']);
  answer('old');
  assert.equal(await first, 'old');
  await settle();
  assert.deepEqual(asked, ['web', 'db', 'web']);
  const late = pulls.pull('web');
  answer('data');
  answer('new');
  assert.deepEqual([await another, ...await Promise.all(others)], ['data', 'new', 'new', 'new'], 'who came after a pull had begun is not shown what it found');
  await settle();
  answer('newest');
  assert.equal(await late, 'newest');
  assert.equal(asked.length, 4);
});

test('a pull that is refused is the trouble of those who shared it, and the next is tried anew', async () => {
  const { pulls, asked, answer } = start();
  const outcome = (pulled: Promise<string>): Promise<string> => pulled.catch((thrown: unknown) => String(thrown instanceof GantryError && thrown.kind));
  const [first, second] = [outcome(pulls.pull('web')), outcome(pulls.pull('web'))];
  answer(new GantryError('not-found', 'no such image'));
  assert.equal(await first, 'not-found');
  await settle();
  answer('there');
  assert.equal(await second, 'there');
  const third = outcome(pulls.pull('web'));
  answer('again');
  assert.deepEqual([await third, asked.length], ['again', 3]);
});

test('who waits while a registry turns out to be out of reach is told so at once', async () => {
  const { pulls, asked, answer } = start();
  const outcomes = [pulls.pull('web'), pulls.pull('web'), pulls.pull('web')].map((pulled) => pulled.catch((thrown: unknown) => String(thrown instanceof GantryError && thrown.kind)));
  answer(new GantryError('unavailable', 'no registry'));
  assert.deepEqual([await Promise.all(outcomes), asked.length], [['unavailable', 'unavailable', 'unavailable'], 1]);
  const next = pulls.pull('web');
  await settle();
  answer('there');
  assert.equal(await next, 'there');
});

test('a registry that could not be reached is left alone for a while, longer each time, by those who have the image', async () => {
  const clock = new ManualClock();
  const { pulls, answer } = start(clock);
  const attempt = async (outcome: string | GantryError): Promise<void> => {
    const pulled = pulls.pull('web').catch(() => undefined);
    answer(outcome);
    await pulled;
  };
  assert.equal(pulls.isHeldBack('web'), false);
  await attempt(new GantryError('not-found', 'no such image'));
  assert.equal(pulls.isHeldBack('web'), false, 'an answer is an answer');
  await attempt(new GantryError('unavailable', 'no registry'));
  assert.deepEqual([pulls.isHeldBack('web'), pulls.isHeldBack('db')], [true, false]);
  await clock.advance(10_000);
  assert.equal(pulls.isHeldBack('web'), false);
  await attempt(new GantryError('unavailable', 'no registry'));
  await clock.advance(10_000);
  assert.equal(pulls.isHeldBack('web'), true);
  await clock.advance(10_000);
  await attempt('there');
  assert.equal(pulls.isHeldBack('web'), false);
});
