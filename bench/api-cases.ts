import { execTrue, remove, runTrue, startIdle } from './api-actions.ts';
import { apiClient, type ApiClient } from './api-client.ts';
import type { Engine, Job, Timing } from './engine.ts';
import { timeInTurn, type Subject } from './time-in-turn.ts';

interface Session {
  readonly name: string;
  readonly client: ApiClient;
  /** Where execs go. */
  readonly idle: string;
}

interface ApiCase {
  readonly what: string;
  readonly act: (session: Session, image: string) => Promise<void>;
}

const cases: readonly ApiCase[] = [
  { what: 'API: create, start, removal of true, bridge', act: ({ client }, image) => runTrue(client, image, 'bridge') },
  { what: 'API: create, start, removal of true, none', act: ({ client }, image) => runTrue(client, image, 'none') },
  { what: 'API: exec true', act: ({ client, idle }) => execTrue(client, idle) },
];

/** Times what the engines with a socket do for one client that stays. Podman has no daemon, so it has no rows here. */
export async function apiCases({ engines, image, runs }: Job, refuse: (message: string) => void): Promise<Timing[]> {
  const sessions: Session[] = [];
  try {
    for (const engine of engines) {
      const session = await openSession(engine, image, refuse);
      if (session !== undefined) sessions.push(session);
    }
    const subjects = cases.flatMap(({ what, act }) => sessions.map((session): Subject => (
      { what, engine: session.name, attempt: () => elapsed(() => act(session, image)) })));
    return await timeInTurn(subjects, runs, refuse);
  } finally {
    for (const { client, idle } of sessions) {
      await remove(client, idle);
      client.close();
    }
  }
}

async function openSession({ name, socket }: Engine, image: string, refuse: (message: string) => void): Promise<Session | undefined> {
  if (socket === undefined) return undefined;
  const client = apiClient(socket);
  try {
    return { name, client, idle: await startIdle(client, image) };
  } catch (error) {
    client.close();
    refuse(`${name}, API cases: ${(error as Error).message}`);
    return undefined;
  }
}

async function elapsed(act: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await act();
  return performance.now() - started;
}
