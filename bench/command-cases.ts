import { ask, time } from './client.ts';
import type { Engine, Job, Timing } from './engine.ts';
import { timeInTurn, type Subject } from './time-in-turn.ts';

interface CommandCase {
  readonly what: string;
  readonly args: (image: string) => readonly string[];
}

const cases: readonly CommandCase[] = [
  { what: 'run --rm IMAGE true', args: (image) => ['run', '--rm', image, 'true'] },
  { what: 'run --rm --network none IMAGE true', args: (image) => ['run', '--rm', '--network', 'none', image, 'true'] },
];

/**
 * Whole commands, as a person waits for them. In the same rounds is the docker client by itself, asked for its
 * version: this much of each command of Gantry and of Docker is no work of an engine.
 */
export async function commandCases({ engines, image, runs }: Job, refuse: (message: string) => void): Promise<Timing[]> {
  const commands = cases.flatMap(({ what, args }) => engines.map((engine): Subject => (
    { what, engine: engine.name, attempt: () => time(engine, args(image)) })));
  const driven = engines.find(({ socket }) => socket !== undefined);
  const alone: Subject[] = driven === undefined ? [] : [{ what: 'docker --version', engine: '(client)', attempt: () => time(driven, ['--version']) }];
  const idle = engines.map((engine) => ({ engine, id: ask(engine, 'run', '--detach', '--network', 'none', image, 'sleep', '100000') }));
  const execs = idle.map(({ engine, id }): Subject => ({ what: 'exec CONTAINER true, among these', engine: engine.name, attempt: () => time(engine, ['exec', id, 'true']) }));
  try {
    return await timeInTurn([...alone, ...commands, ...execs], runs, refuse);
  } finally {
    for (const { engine, id } of idle) remove(engine, id);
  }
}

function remove(engine: Engine, id: string): void {
  ask(engine, 'rm', '--force', '--volumes', id);
}
