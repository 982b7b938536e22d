// Started by bench/run.ts among the programs of the peers: reads a Job on standard input, writes what it Measured
// to standard output. Progress goes to standard error.
import { readFileSync } from 'node:fs';
import { apiCases } from './api-cases.ts';
import { buildCases } from './build-cases.ts';
import { ask } from './client.ts';
import { commandCases } from './command-cases.ts';
import { composeCases } from './compose-cases.ts';
import type { Engine, Job, Measured } from './engine.ts';
import { imageCases } from './image-cases.ts';
import { loadCases } from './load-cases.ts';
import { idleMemory, memoryPerContainer } from './memory-cases.ts';

const given = JSON.parse(readFileSync(0, 'utf8')) as Job;
const refused: string[] = [];
const refuse = (message: string): void => {
  refused.push(message);
  console.error(`bench: ${message}`);
};

const job: Job = { ...given, engines: given.engines.filter(hasImage) };
const versions = Object.fromEntries(job.engines.map((engine) => [engine.name, versionOf(engine)]));
console.error('bench: idle memory');
const client = clientVersion();
const idle = await idleMemory('daemon, idle after loading one image', job);
console.error(`bench: ${job.runs} runs of each case`);
const timings = [...await commandCases(job, refuse), ...await apiCases(job, refuse), ...await imageCases(job, refuse), ...await composeCases(job, refuse), ...await buildCases(job, refuse)];
console.error('bench: bursts, crowds and logs');
timings.push(...await loadCases(job, refuse));
const later = await idleMemory('daemon, idle after the timed runs', job);
console.error(`bench: memory of ${job.containers} idle containers`);
const perContainer = await memoryPerContainer(job, refuse);
const measured: Measured = { client, versions, timings, memory: [...idle, ...later, ...perContainer], refused };
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
