import { mkdirSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { time } from './client.ts';
import type { Engine, Job, Timing } from './engine.ts';
import { inside } from './peers/namespace.ts';
import { timeInTurn, type Subject } from './time-in-turn.ts';

const SERVICES = 10;
const DIRECTORY = `${inside.state}/compose`;

/** Each engine by its own program: Gantry as its launcher starts it, which looks for programs that the peers' root lacks; Docker by docker compose. */
function composeOf(engine: Engine): Engine {
  const file = ['--project-name', 'bench', '--file', `${DIRECTORY}/compose.yaml`];
  if (engine.name !== 'gantry') return { ...engine, client: [...engine.client, 'compose', ...file] };
  return {
    ...engine,
    client: [process.execPath, '--disable-warning=ExperimentalWarning', '--min-semi-space-size=16', `${inside.checkout}/node_modules/.cache/gantry-cli/start.cjs`, 'compose', ...file],
    env: { ...engine.env, NODE_COMPILE_CACHE: `${inside.state}/compile` },
  };
}

type Action = 'up' | 'down';

const ARGS: Readonly<Record<Action, readonly string[]>> = { up: ['up', '--detach'], down: ['down', '--timeout', '0'] };

interface ComposeCase {
  readonly what: string;
  readonly before: readonly Action[];
  readonly timed: Action;
  readonly after: readonly Action[];
}

const cases: readonly ComposeCase[] = [
  { what: `compose up -d of ${SERVICES} services`, before: [], timed: 'up', after: ['down'] },
  { what: `compose up -d of ${SERVICES} services, unchanged`, before: ['up'], timed: 'up', after: ['down'] },
  { what: `compose down of ${SERVICES} services`, before: ['up'], timed: 'down', after: [] },
];

/** A project of small services on one network, made and taken away by each engine's own compose. */
export function composeCases({ engines, image, runs }: Job, refuse: (message: string) => void): Promise<Timing[]> {
  mkdirSync(DIRECTORY, { recursive: true });
  const services = Array.from({ length: SERVICES }, (_, index) => `  service-${index}: {image: "${image}", command: [sleep, "1000"], stop_grace_period: 0s}\n`);
  writeFileSync(`${DIRECTORY}/compose.yaml`, `services:\n${services.join('')}`);
  return timeInTurn(engines.filter(({ socket }) => socket !== undefined).map(composeOf).flatMap((engine) => cases.map(({ what, before, timed, after }): Subject => ({
    what,
    engine: engine.name,
    attempt: () => {
      for (const action of before) time(engine, ARGS[action]);
      const ms = time(engine, ARGS[timed]);
      for (const action of after) time(engine, ARGS[action]);
      return ms;
    },
  }))), runs, refuse);
}
