import { time } from './client.ts';
import type { Engine, Job, Timing } from './engine.ts';
import { interleave } from './measure.ts';

interface TimedCase {
  readonly what: string;
  readonly args: (image: string) => readonly string[];
}

const cases: readonly TimedCase[] = [
  { what: 'run --rm IMAGE true', args: (image) => ['run', '--rm', image, 'true'] },
  { what: 'run --rm --network none IMAGE true', args: (image) => ['run', '--rm', '--network', 'none', image, 'true'] },
];

/** Rounds before the measured ones: caches fill, and Node compiles what it runs often. */
const WARM_UP = 3;

/** Measures every case on every engine that can do it; who cannot is refused with what it said, and left out. */
export function timedCases({ engines, image, runs }: Job, refuse: (message: string) => void): Timing[] {
  return cases.flatMap(({ what, args }) => {
    const able = engines.filter((engine) => succeeds(() => time(engine, args(image)), refuse));
    const samples = new Map<Engine, number[]>(able.map((engine) => [engine, []]));
    interleave(able, WARM_UP + runs).forEach((engine, at) => {
      const ms = time(engine, args(image));
      if (at >= WARM_UP * able.length) samples.get(engine)?.push(ms);
    });
    return able.map((engine) => ({ what, engine: engine.name, ms: samples.get(engine) as number[] }));
  });
}

function succeeds(attempt: () => void, refuse: (message: string) => void): boolean {
  try {
    attempt();
    return true;
  } catch (error) {
    refuse((error as Error).message);
    return false;
  }
}
