import type { Measured, Memory, Timing } from './engine.ts';
import { ratioOfMedians, seededRandom, summarize } from './measure.ts';

export interface Machine {
  readonly date: string;
  readonly kernel: string;
  readonly cores: number;
  readonly memoryGiB: number;
}

export interface Report extends Measured {
  readonly machine: Machine;
  /** Whose docker client it is. */
  readonly clientOrigin: string;
}

/** Gantry against each engine, and each engine against Docker: below 1 is faster, or smaller. */
export function renderReport({ machine, client, clientOrigin, versions, timings, memory, refused }: Report): string {
  return [
    `${machine.date}, Linux ${machine.kernel}, ${machine.cores} cores, ${machine.memoryGiB} GiB; ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}`,
    '',
    `Docker client of Gantry and Docker: ${client}, ${clientOrigin}`,
    '',
    ...table(['case', 'engine', 'runs', 'median ms', 'quartiles ms', 'to Docker', 'Gantry to it (95 %)'], timings.map((timing) => timingRow(timing, timings))),
    '',
    ...table(['memory', 'engine', 'PSS MiB', 'RSS MiB', 'PSS to Docker', "Gantry's PSS to it"], memory.map((row) => memoryRow(row, memory))),
    ...(refused.length === 0 ? [] : ['', 'Left out:', '', ...refused.map((message) => `- ${message.replaceAll('\n', ' ')}`)]),
    '',
  ].join('\n');
}

function timingRow(timing: Timing, all: readonly Timing[]): string[] {
  const of = (engine: string): Timing | undefined => all.find((other) => other.what === timing.what && other.engine === engine);
  const { runs, median, lowerQuartile, upperQuartile } = summarize(timing.ms);
  return [
    timing.what, timing.engine, String(runs), median.toFixed(1), `${lowerQuartile.toFixed(1)} to ${upperQuartile.toFixed(1)}`,
    ratio(timing, of('docker')), ratio(of('gantry'), timing),
  ];
}

function ratio(a: Timing | undefined, b: Timing | undefined): string {
  if (a === undefined || b === undefined || a === b) return '';
  const { ratio: of, low, high } = ratioOfMedians(a.ms, b.ms, seededRandom(1));
  return `${of.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function memoryRow(row: Memory, all: readonly Memory[]): string[] {
  const of = (engine: string): Memory | undefined => all.find((other) => other.what === row.what && other.engine === engine);
  const share = (a: Memory | undefined, b: Memory | undefined): string => a === undefined || b === undefined || a === b ? '' : (a.pss / b.pss).toFixed(2);
  const mebibytes = (kibibytes: number): string => (kibibytes / 1024).toFixed(1);
  return [row.what, row.engine, mebibytes(row.pss), mebibytes(row.rss), share(row, of('docker')), share(of('gantry'), row)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
