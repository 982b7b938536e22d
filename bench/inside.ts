// Started by bench/run.ts among the programs of the peers: reads a Job on standard input, writes what it Measured
// to standard output. Progress goes to standard error.
import { readFileSync } from 'node:fs';
import { apiCases } from './api-cases.ts';
import { buildCases } from './build-cases.ts';
import { ask } from './client.ts';
import { commandCases } from './command-cases.ts';
import { composeCases } from './compose-cases.ts';
import type { Engine, Job, Measured, Memory, Timing } from './engine.ts';
import { imageCases } from './image-cases.ts';
import { loadCases } from './load-cases.ts';
import { idleMemory, memoryPerContainer } from './memory-cases.ts';
import { networkCases } from './network-cases.ts';

const given = JSON.parse(readFileSync(0, 'utf8')) as Job;
const refused: string[] = [];
const refuse = (message: string): void => {
  refused.push(message);
  console.error(`bench: ${message}`);
};

const job: Job = { ...given, engines: given.engines.filter(hasImage) };
const versions = Object.fromEntries(job.engines.map((engine) => [engine.name, versionOf(engine)]));
const client = clientVersion();
const remembers = job.suites.includes('memory');
const memory: Memory[] = [];
if (remembers) {
  console.error('bench: idle memory');
  memory.push(...await idleMemory('daemon, idle after loading one image', job));
}
const timings: Timing[] = [];
for (const [suite, run] of [['commands', commandCases], ['api', apiCases], ['images', imageCases], ['compose', composeCases], ['builds', buildCases], ['load', loadCases], ['network', networkCases]] as const) {
  if (!job.suites.includes(suite)) continue;
  console.error(`bench: ${suite}, ${job.runs} runs of each case`);
  timings.push(...await run(job, refuse));
}
if (remembers) {
  memory.push(...await idleMemory('daemon, idle after the timed runs', job));
  console.error(`bench: memory of ${job.containers} idle containers`);
  memory.push(...await memoryPerContainer(job, refuse));
}
const measured: Measured = { client, versions, timings, memory, refused };
console.log(JSON.stringify(measured));

/** The same bytes for every engine. */
function hasImage(engine: Engine): boolean {
  try {
    ask(engine, 'load', '--input', given.archive);
    return true;
  } catch (error) {
    refuse((error as Error).message);
    return false;
  }
}

function clientVersion(): string {
  const driven = job.engines.find(({ socket }) => socket !== undefined);
  return driven === undefined ? 'none' : ask(driven, '--version');
}

function versionOf(engine: Engine): string {
  try {
    return ask(engine, 'version', '--format', '{{.Server.Version}}');
  } catch {
    return 'unknown version';
  }
}
