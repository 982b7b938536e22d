import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './client.ts';
import type { Engine, Job, Memory } from './engine.ts';
import { quantile } from './measure.ts';
import { engineProcesses, processTable, usageOf, type Usage } from './processes.ts';

/** Longer than any engine here takes to give back what it does not need: Gantry looks every 15 s. */
const SETTLE_MS = 18_000;
const SAMPLES = 5;
const BETWEEN_SAMPLES_MS = 200;

/** What the daemons hold when nothing runs. */
export async function idleMemory(what: string, { engines }: Job): Promise<Memory[]> {
  const daemons = engines.filter(({ daemonPid }) => daemonPid !== undefined).map((engine) => ({ engine, ids: [], workloads: [] }));
  return [...await settled(daemons)].map(([engine, usage]) => ({ what, engine, ...usage }));
}

/**
 * What each engine holds more with `containers` idle containers than without, per container, their own processes left out.
 * All engines settle together: the pause is the longest part.
 */
export async function memoryPerContainer({ engines, image, containers }: Job, refuse: (message: string) => void): Promise<Memory[]> {
  const before = await settled(engines.map((engine) => ({ engine, ids: [], workloads: [] })));
  const loaded: Loaded[] = [];
  try {
    for (const engine of engines) {
      const ids: string[] = [];
      try {
        for (let n = 0; n < containers; n++) ids.push(ask(engine, 'run', '--detach', image, 'sleep', '1000000'));
        loaded.push({ engine, ids, workloads: ask(engine, 'inspect', '--format', '{{.State.Pid}}', ...ids).split('\n').map(Number) });
      } catch (error) {
        if (ids.length > 0) ask(engine, 'rm', '--force', ...ids);
        refuse((error as Error).message);
      }
    }
    const after = await settled(loaded);
    return loaded.map(({ engine: { name } }) => {
      const [empty, full] = [before.get(name) as Usage, after.get(name) as Usage];
      return { what: 'per idle container, beyond its own process', engine: name, pss: (full.pss - empty.pss) / containers, rss: (full.rss - empty.rss) / containers };
    });
  } finally {
    for (const { engine, ids } of loaded) ask(engine, 'rm', '--force', ...ids);
  }
}

interface Loaded {
  readonly engine: Engine;
  readonly ids: readonly string[];
  readonly workloads: readonly number[];
}

/** For each engine the median of a few looks, after a pause: garbage collectors breathe, and code pages that a burst touched are given back. */
async function settled(engines: readonly Loaded[]): Promise<Map<string, Usage>> {
  await sleep(SETTLE_MS);
  const looks = new Map<string, Usage[]>(engines.map(({ engine }) => [engine.name, []]));
  for (let n = 0; n < SAMPLES; n++) {
    const table = processTable();
    for (const { engine, ids, workloads } of engines) looks.get(engine.name)?.push(usageOf(engineProcesses(table, engine.daemonPid, ids, workloads)));
    await sleep(BETWEEN_SAMPLES_MS);
  }
  const median = (usages: readonly Usage[], of: keyof Usage): number => quantile(usages.map((usage) => usage[of]), 0.5);
  return new Map([...looks].map(([name, usages]) => [name, { pss: median(usages, 'pss'), rss: median(usages, 'rss') }]));
}
