import { dirname } from 'node:path';
import { apiClient, readAll, type ApiClient } from './api-client.ts';
import { ask, time } from './client.ts';
import type { Engine, Job, Timing } from './engine.ts';
import { fromQuiet } from './from-quiet.ts';
import { LAYERED } from './layered-image.ts';
import { forgetPushes, PORT, REGISTRY, SEEDED } from './peers/local-registry.ts';
import { ShellPull } from './shell-pull.ts';
import { timeInTurn, type Subject } from './time-in-turn.ts';

/** These take seconds each, so they are done less often than the others. */
const RUNS_AT_MOST = 7;
const WARM_UP = 1;
const REMOTE = `${REGISTRY}/${SEEDED}`;

interface Case {
  readonly what: string;
  readonly before: (engine: Engine) => void;
  readonly attempt: (engine: Engine, api: ApiClient) => number | Promise<number>;
}

/**
 * An image on its way, by the docker client: 448 MB in four layers of 2,000 files, 217 MB compressed. Every attempt starts from the
 * same state: a pull and a load without the image, a push into a repository that is new, of a registry that has none of it.
 */
export async function imageCases({ engines, layered, runs }: Job, refuse: (message: string) => void): Promise<Timing[]> {
  if (layered === undefined) return [];
  const driven = engines.flatMap((engine) => (engine.socket === undefined ? [] : [{ engine, api: apiClient(engine.socket) }]));
  const cases = casesOf(layered);
  try {
    const subjects = cases.flatMap(({ what, before, attempt }) => driven.map(({ engine, api }): Subject => ({
      what: `image: ${what}`, engine: engine.name, attempt: () => fromQuiet(() => before(engine), () => attempt(engine, api)),
    })));
    const ours = engines.find(({ name }) => name === 'gantry')?.daemonPid;
    const shell = ours === undefined ? [] : [shellSubject(new ShellPull(layered, ours))];
    return await timeInTurn([...subjects, ...shell], Math.min(runs, RUNS_AT_MOST), refuse, WARM_UP);
  } finally {
    for (const { api } of driven) api.close();
  }
}

function shellSubject(pull: ShellPull): Subject {
  return { what: 'image: pull', engine: 'shell pipelines', attempt: () => fromQuiet(() => pull.forget(), () => pull.time()) };
}

/** With all of its names, or its layers would stay. */
function forget(engine: Engine): void {
  const ids = ask(engine, 'images', '-q', '--no-trunc', '--filter', `reference=${LAYERED}`).split('\n');
  const pulled = ask(engine, 'images', '-q', '--no-trunc', '--filter', `reference=${REGISTRY}/*/*`).split('\n');
  const found = [...new Set([...ids, ...pulled])].filter((id) => id !== '');
  if (found.length > 0) ask(engine, 'rmi', '-f', ...found);
}

function casesOf(layered: string): readonly Case[] {
  let pushes = 0;
  let pushed = '';
  const provide = (engine: Engine): void => void ask(engine, 'load', '-q', '-i', layered);
  return [
    { what: 'load', before: forget, attempt: (engine) => time(engine, ['load', '-q', '-i', layered]) },
    { what: 'save', before: provide, attempt: (engine) => time(engine, ['save', '-o', '/tmp/saved.tar', LAYERED]) },
    {
      what: 'push, nothing of it there',
      // Another address of the same registry is another registry to an engine, which knows nothing of what that has.
      before: (engine) => {
        provide(engine);
        forgetPushes(dirname(layered), engine.name);
        pushed = `127.0.0.${2 + (pushes += 1)}:${PORT}/bench/push${pushes}:1`;
        ask(engine, 'tag', LAYERED, pushed);
      },
      attempt: (engine) => time(engine, ['push', '-q', pushed]),
    },
    { what: 'pull', before: forget, attempt: (engine) => time(engine, ['pull', '-q', REMOTE]) },
    { what: 'pull, up to date', before: (engine) => void ask(engine, 'pull', '-q', REMOTE), attempt: (engine) => time(engine, ['pull', '-q', REMOTE]) },
    {
      what: 'API: pull, up to date', before: (engine) => void ask(engine, 'pull', '-q', REMOTE),
      attempt: async (_, api) => {
        const started = performance.now();
        const told = await readAll(await api.open('POST', `/images/create?fromImage=${encodeURIComponent(REMOTE)}`));
        const ended = performance.now();
        if (!told.includes('Image is up to date')) throw new Error(`it was not up to date: ${told}`);
        return ended - started;
      },
    },
    { what: 'rmi', before: provide, attempt: (engine) => time(engine, ['rmi', '-f', ask(engine, 'inspect', '-f', '{{.Id}}', LAYERED)]) },
    {
      what: 'API: removal', before: provide,
      attempt: async (engine, api) => {
        const id = ask(engine, 'inspect', '-f', '{{.Id}}', LAYERED);
        const started = performance.now();
        await api.call('DELETE', `/images/${id}?force=1`);
        return performance.now() - started;
      },
    },
  ];
}
