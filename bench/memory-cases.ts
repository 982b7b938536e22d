import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './client.ts';
import type { Engine, Job, Memory } from './engine.ts';
import { quantile } from './measure.ts';
import { engineProcesses, processTable, usageOf, type Usage } from './processes.ts';

const SETTLE_MS = 3000;
const SAMPLES = 5;

/** What the daemons hold when nothing runs. */
export async function idleMemory(what: string, { engines }: Job): Promise<Memory[]> {
  const measured: Memory[] = [];
  for (const { name, daemonPid } of engines) {
    if (daemonPid !== undefined) measured.push({ what, engine: name, ...await settledUsage(daemonPid, [], []) });
  }
  return measured;
}

/** What an engine holds more with `containers` idle containers than without, per container, their own processes left out. */
export async function memoryPerContainer({ engines, image, containers }: Job, refuse: (message: string) => void): Promise<Memory[]> {
  const measured: Memory[] = [];
  for (const engine of engines) {
    try {
      measured.push({ what: 'per idle container, beyond its own process', engine: engine.name, ...await growth(engine, image, containers) });
    } catch (error) {
      refuse((error as Error).message);
    }
  }
  return measured;
}

async function growth(engine: Engine, image: string, containers: number): Promise<Usage> {
  const before = await settledUsage(engine.daemonPid, [], []);
  const ids: string[] = [];
  try {
    for (let n = 0; n < containers; n++) ids.push(ask(engine, 'run', '--detach', image, 'sleep', '1000000'));
    const workloads = ask(engine, 'inspect', '--format', '{{.State.Pid}}', ...ids).split('\n').map(Number);
    const after = await settledUsage(engine.daemonPid, ids, workloads);
    return { pss: (after.pss - before.pss) / containers, rss: (after.rss - before.rss) / containers };
  } finally {
    if (ids.length > 0) ask(engine, 'rm', '--force', ...ids);
  }
}

/** The median of a few looks, after a pause: garbage collectors breathe. */
async function settledUsage(daemonPid: number | undefined, ids: readonly string[], workloads: readonly number[]): Promise<Usage> {
  await sleep(SETTLE_MS);
  const looks: Usage[] = [];
  for (let n = 0; n < SAMPLES; n++) {
    looks.push(usageOf(engineProcesses(processTable(), daemonPid, ids, workloads)));
    await sleep(200);
  }
  return { pss: quantile(looks.map(({ pss }) => pss), 0.5), rss: quantile(looks.map(({ rss }) => rss), 0.5) };
}
