import { setTimeout as sleep } from 'node:timers/promises';
import type { Timing } from './engine.ts';
import { interleave } from './measure.ts';

export interface Subject {
  readonly what: string;
  readonly engine: string;
  /** Does it once and answers with the milliseconds it took. */
  readonly attempt: () => number | Promise<number>;
}

/** Rounds before the measured ones: caches fill, and Node compiles what it runs often. */
const WARM_UP = 3;

/** In turn, each engine comes behind the same one every time: what that leaves to be done is in no time but its own, nor does anybody find its locks warm. */
const REST_MS = 200;

/** Measures every subject that works once per round; one that does not is refused with what it said, and left out. */
export async function timeInTurn(subjects: readonly Subject[], runs: number, refuse: (message: string) => void, warmUp = WARM_UP, restMs = REST_MS): Promise<Timing[]> {
  const able: Subject[] = [];
  for (const subject of subjects) {
    try {
      await subject.attempt();
      able.push(subject);
    } catch (error) {
      refuse(`${subject.engine}, ${subject.what}: ${(error as Error).message}`);
    }
  }
  const samples = new Map<Subject, number[]>(able.map((subject) => [subject, []]));
  for (const [at, subject] of interleave(able, warmUp + runs).entries()) {
    await sleep(restMs);
    const ms = await subject.attempt();
    if (at >= warmUp * able.length) samples.get(subject)?.push(ms);
  }
  return able.map((subject) => ({ what: subject.what, engine: subject.engine, ms: samples.get(subject) as number[] }));
}
