import { ask, time } from './client.ts';
import type { Engine, Job, Timing } from './engine.ts';
import { LAYERED } from './layered-image.ts';
import { PORT, REGISTRY } from './peers/local-registry.ts';
import { timeInTurn, type Subject } from './time-in-turn.ts';

/** These take seconds each, so they are done less often than the others. */
const RUNS_AT_MOST = 5;
const WARM_UP = 1;

/**
 * An image on its way, by the docker client: 448 MB in four layers of 2,000 files. Every attempt starts from the same state:
 * a pull and a load without the image, a push into a repository that is new, of a registry that has none of it.
 */
export function imageCases({ engines, layered, runs }: Job, refuse: (message: string) => void): Promise<Timing[]> {
  if (layered === undefined) return Promise.resolve([]);
  const driven = engines.filter(({ socket }) => socket !== undefined);
  let pushes = 0;
  const quietly = (engine: Engine, args: readonly string[]): void => {
    try {
      time(engine, args);
    } catch { /* what isn't there need not go */ }
  };
  const remote = `${REGISTRY}/bench/pull:1`;
  /** With all of its names, or its layers would stay. */
  const forget = (engine: Engine): void => {
    quietly(engine, ['load', '-q', '-i', layered]);
    quietly(engine, ['rmi', '-f', ask(engine, 'inspect', '-f', '{{.Id}}', LAYERED)]);
  };
  const provide = (engine: Engine): void => {
    quietly(engine, ['load', '-q', '-i', layered]);
    quietly(engine, ['tag', LAYERED, remote]);
    quietly(engine, ['push', '-q', remote]);
  };
  const cases: readonly [what: string, attempt: (engine: Engine) => number][] = [
    ['load, 448 MB in 4 layers', (engine) => {
      forget(engine);
      return time(engine, ['load', '-q', '-i', layered]);
    }],
    ['save', (engine) => {
      quietly(engine, ['load', '-q', '-i', layered]);
      return time(engine, ['save', '-o', '/tmp/saved.tar', LAYERED]);
    }],
    ['push, nothing of it there', (engine) => {
      quietly(engine, ['load', '-q', '-i', layered]);
      // Another address of the same registry is another registry to an engine, which knows nothing of what that has.
      const name = `127.0.0.${2 + (pushes += 1)}:${PORT}/bench/push${pushes}:1`;
      quietly(engine, ['tag', LAYERED, name]);
      return time(engine, ['push', '-q', name]);
    }],
    ['pull', (engine) => {
      provide(engine);
      forget(engine);
      return time(engine, ['pull', '-q', remote]);
    }],
    ['pull, up to date', (engine) => {
      provide(engine);
      return time(engine, ['pull', '-q', remote]);
    }],
    ['rmi', (engine) => {
      quietly(engine, ['load', '-q', '-i', layered]);
      return time(engine, ['rmi', '-f', ask(engine, 'inspect', '-f', '{{.Id}}', LAYERED)]);
    }],
  ];
  const subjects = cases.flatMap(([what, attempt]) => driven.map((engine): Subject => ({ what: `image: ${what}`, engine: engine.name, attempt: () => attempt(engine) })));
  return timeInTurn(subjects, Math.min(runs, RUNS_AT_MOST), refuse, WARM_UP);
}
