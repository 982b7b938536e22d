import { apiClient, readAll, type ApiClient } from './api-client.ts';
import { execTrue, remove } from './api-actions.ts';
import { time } from './client.ts';
import type { Engine, Job, Timing } from './engine.ts';
import { atATime, createMany, removeAll, startOne, wroteLines } from './load-actions.ts';
import { timeInTurn, type Subject } from './time-in-turn.ts';

const BURST = 20;
const WIDTH = 4;
const LINES = 200_000;
const LISTED = 100;
const LISTS = 500;
/** Each attempt does much: fewer of them are enough. */
const MOST_RUNS = 7;

interface Session {
  readonly engine: Engine;
  readonly client: ApiClient;
  readonly ids: string[];
}

/** Many at a time, and what many cost: of the engines that have a socket, driven over it or by their client. */
export async function loadCases(job: Job, refuse: (message: string) => void): Promise<Timing[]> {
  const sessions = job.engines.flatMap((engine): Session[] => (engine.socket === undefined ? [] : [{ engine, client: apiClient(engine.socket), ids: [] }]));
  const runs = Math.min(job.runs, MOST_RUNS);
  try {
    const subjects = (await Promise.all(sessions.map((session) => prepare(session, job.image).catch((error: Error) => {
      refuse(`${session.engine.name}, load cases: ${error.message}`);
      return [];
    })))).flat();
    const alone = await timeInTurn(subjects, runs, refuse);
    return [...alone, ...await amongMany(sessions, job, runs, refuse)];
  } finally {
    for (const { client, ids } of sessions) {
      await removeAll(client, ids);
      client.close();
    }
  }
}

async function prepare({ engine, client, ids }: Session, image: string): Promise<Subject[]> {
  const idle = await startOne(client, image, 'none');
  const spoke = await wroteLines(client, image, LINES);
  ids.push(idle, spoke, ...await createMany(client, image, LISTED - 2));
  const subject = (what: string, attempt: Subject['attempt']): Subject => ({ what, engine: engine.name, attempt });
  const list = async (): Promise<void> => void await readAll(await client.open('GET', '/containers/json?all=1'));
  return [
    subject('exec CONTAINER true', () => time(engine, ['exec', idle, 'true'])),
    subject('API: exec true, alone', () => elapsed(() => execTrue(client, idle))),
    subject(`${BURST} detached runs, ${WIDTH} at a time`, async () => {
      const made: string[] = [];
      const took = await elapsed(() => atATime(WIDTH, BURST, async () => void made.push(await startOne(client, image, 'bridge'))));
      await removeAll(client, made);
      return took;
    }),
    subject(`rm -f of ${BURST}`, async () => {
      const made: string[] = [];
      await atATime(WIDTH, BURST, async () => void made.push(await startOne(client, image, 'bridge')));
      return time(engine, ['rm', '--force', ...made]);
    }),
    subject(`logs of ${LINES} lines`, () => time(engine, ['logs', spoke])),
    subject(`API: ${LISTS} lists of ${LISTED} containers`, () => elapsed(async () => {
      for (let round = 0; round < LISTS; round += 1) await list();
    })),
    subject(`API: ${LISTS} lists of ${LISTED} containers, ${WIDTH} at a time`, () => elapsed(() => atATime(WIDTH, LISTS, list))),
  ];
}

/**
 * The same start with many containers that run, and with few before and after that: so what changes on the machine meanwhile is in both.
 * One engine has its many at a time, for much of what they cost is of the kernel, which those of another would burden, too. The others
 * have their turns as before, so that what a removal leaves to be done behind it falls in none but theirs.
 */
async function amongMany(sessions: readonly Session[], { image, crowd }: Job, runs: number, refuse: (message: string) => void): Promise<Timing[]> {
  const starts = (what: string): Subject[] => sessions.map(({ engine, client }) => ({
    what, engine: engine.name,
    attempt: async () => {
      let id = '';
      const took = await elapsed(async () => void (id = await startOne(client, image, 'bridge')));
      await remove(client, id);
      return took;
    },
  }));
  const amongFew = (): Promise<Timing[]> => timeInTurn(starts('API: create and start, few others run'), runs, refuse);
  const before = await amongFew();
  const many: Timing[] = [];
  for (const session of sessions) {
    const { engine, client, ids } = session;
    try {
      await atATime(WIDTH, crowd, async () => void ids.push(await startOne(client, image, 'bridge')));
    } catch (error) {
      refuse(`${engine.name}, ${crowd} containers at a time: ${(error as Error).message}`);
    }
    const inTurn = await timeInTurn(starts(`API: create and start, ${crowd} others run`), runs, refuse);
    many.push(...inTurn.filter((timing) => timing.engine === engine.name));
    await removeAll(client, ids.splice(0));
  }
  const after = await amongFew();
  return [...before.map((few) => ({ ...few, ms: [...few.ms, ...after.find(({ engine }) => engine === few.engine)?.ms ?? []] })), ...many];
}

async function elapsed(act: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}
