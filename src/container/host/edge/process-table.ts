import { existsSync, readFileSync } from 'node:fs';
import { GantryError } from '#base/error.ts';
import { PROGRAM_ENV, type HostContext } from './host-context.ts';
import { cgroupDirectories } from './linux/cgroup-remove.ts';
import { run } from './linux/run.ts';

const PS = '/bin/ps';

export function processesOf(context: HostContext, cgroup: string): number[] {
  const [directory] = cgroupDirectories(context.cgroups, cgroup);
  try {
    return readFileSync(`${directory}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** What ps(1) of the host says of a control group's processes. */
export async function processTable(context: HostContext, cgroup: string, psArguments: string): Promise<{ titles: string[]; rows: string[][] }> {
  const words = psArguments.split(/\s+/).filter(Boolean);
  if (!existsSync(PS)) throw new GantryError('unavailable', 'the processes can\'t be listed: ps is not installed on the host', { hint: 'apt-get install procps' });
  const result = await run({ path: PS, argv: ['ps', ...(words.length === 0 ? ['-ef'] : words)], env: PROGRAM_ENV, timeoutMs: 10_000, maxOutputBytes: 8 << 20 });
  if (result.exitCode !== 0) throw new GantryError('invalid', `ps: ${result.stderr.toString().split('\n', 1)[0] ?? ''}`);
  const [head = '', ...lines] = result.stdout.toString().split('\n').filter(Boolean);
  const titles = head.trim().split(/\s+/);
  const pidColumn = titles.indexOf('PID');
  if (pidColumn < 0) throw new GantryError('invalid', "Couldn't find PID field in ps output");
  const pids = new Set(processesOf(context, cgroup).map(String));
  const rows = lines.map((line) => fields(line, titles.length)).filter((row) => pids.has(row[pidColumn] ?? ''));
  return { titles, rows };
}

/** The last column may hold spaces. */
function fields(line: string, count: number): string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, count - 1), words.slice(count - 1).join(' ')];
}
