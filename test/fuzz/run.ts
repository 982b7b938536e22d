import type { Description } from '../contract/description.ts';
import { ask } from '../world/http.ts';
import { Chance } from './chance.ts';
import { judge } from './judge.ts';
import { makeRequest, type FuzzRequest } from './request.ts';
import { send } from './send.ts';

export interface Report {
  readonly sent: number;
  readonly statuses: ReadonlyMap<number | undefined, number>;
  /** Operations that were asked at least once. */
  readonly operations: number;
  readonly faults: readonly string[];
  readonly slowestPingMs: number;
}

const AT_ONCE = 8;
const TIDY_EVERY = 1000;
const PING_EVERY_MS = 100;
const MOST_FAULTS = 20;

/** Plays so many requests that a seed gives, and keeps the engine small meanwhile. */
export async function fuzz(socket: string, description: Description, { seed, requests }: { readonly seed: number; readonly requests: number }): Promise<Report> {
  const statuses = new Map<number | undefined, number>();
  const operations = new Set<string>();
  const faults: string[] = [];
  const ping = new Ping(socket);
  let exec = 'nosuch';
  const one = async (number: number): Promise<void> => {
    const request = makeRequest(description, new Chance(`${seed}/${number}`));
    const filled: FuzzRequest = { ...request, target: request.target.replace('EXEC', exec) };
    const outcome = await send(socket, filled);
    if (request.operation === 'POST /containers/{id}/exec' && outcome.status === 201) exec = /"Id":"([0-9a-f]+)"/.exec(outcome.body)?.[1] ?? exec;
    statuses.set(outcome.status, (statuses.get(outcome.status) ?? 0) + 1);
    operations.add(request.operation);
    const fault = judge(filled, outcome);
    if (fault !== undefined) faults.push(`request ${number} (${request.manner}): ${filled.method} ${filled.target.slice(0, 200)} ${JSON.stringify(Buffer.from(filled.body ?? '').toString('latin1').slice(0, 400))}: ${fault}`);
  };
  for (let from = 0; from < requests && faults.length < MOST_FAULTS; from += TIDY_EVERY) {
    let next = from;
    const work = async (): Promise<void> => {
      while (next < Math.min(from + TIDY_EVERY, requests) && faults.length < MOST_FAULTS) await one(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await tidy(socket);
  }
  return { sent: [...statuses.values()].reduce((sum, count) => sum + count, 0), statuses, operations: operations.size, faults, slowestPingMs: await ping.end() };
}

/** How long the daemon needs for the least of answers, while others ask for more. */
class Ping {
  readonly #over: Promise<number>;
  #isOver = false;

  constructor(socket: string) {
    this.#over = this.#measure(socket);
  }

  end(): Promise<number> {
    this.#isOver = true;
    return this.#over;
  }

  async #measure(socket: string): Promise<number> {
    let slowest = 0;
    while (!this.#isOver) {
      const started = performance.now();
      await ask(socket, 'GET', '/_ping');
      slowest = Math.max(slowest, performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, PING_EVERY_MS));
    }
    return slowest;
  }
}

/** Takes away all but the image that requests count on. */
export async function tidy(socket: string): Promise<void> {
  const list = async (path: string): Promise<unknown> => JSON.parse((await ask(socket, 'GET', path)).text) as unknown;
  for (const { Id } of await list('/containers/json?all=1') as { Id: string }[]) await ask(socket, 'DELETE', `/containers/${Id}?force=1&v=1`);
  for (const { Id, Name } of await list('/networks') as { Id: string; Name: string }[]) if (!['bridge', 'host', 'none'].includes(Name)) await ask(socket, 'DELETE', `/networks/${Id}`);
  const { Volumes } = await list('/volumes') as { Volumes: { Name: string }[] | null };
  for (const { Name } of Volumes ?? []) await ask(socket, 'DELETE', `/volumes/${encodeURIComponent(Name)}?force=1`);
  for (const { Id, RepoTags } of await list('/images/json') as { Id: string; RepoTags: string[] | null }[]) {
    const tags = RepoTags ?? [];
    if (tags.includes('busybox:latest')) for (const tag of tags.filter((each) => each !== 'busybox:latest')) await ask(socket, 'DELETE', `/images/${tag}`);
    else await ask(socket, 'DELETE', `/images/${Id}?force=1`);
  }
}
