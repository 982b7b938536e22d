import { parseArgs } from 'node:util';

/** What can be measured by itself. `images` and `builds` take minutes, and half a gigabyte for each engine; `store` is measured without the others. */
const SUITES = ['commands', 'api', 'compose', 'load', 'network', 'memory', 'images', 'builds', 'store', 'pods', 'scheduler'] as const;
const USUAL: readonly Suite[] = ['commands', 'api', 'compose', 'load', 'memory'];

export type Suite = typeof SUITES[number];

/** Of a cluster, a program each, and no other engine beside it. */
export const PROGRAMS: readonly Suite[] = ['pods', 'scheduler'];
/** What is measured without the others. */
export const ALONE: readonly Suite[] = ['store', ...PROGRAMS];

/** Where the side root with the peers is made, unless GANTRY_PEERS_ROOT names another. */
export const PEERS = '/var/tmp/gantry-peers';

export interface Options {
  readonly runs: number;
  readonly containers: number;
  readonly crowd: number;
  readonly suites: readonly Suite[];
  readonly format: 'markdown' | 'json';
  /** Where images, sockets and logs of the trial lie. A real disk: /tmp may be memory. */
  readonly state: string;
  readonly peers: string;
  /** A docker program of this machine to drive the engines with, in place of the side root's. */
  readonly client?: string;
}

export function parseOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '20' },
      containers: { type: 'string', default: '50' },
      crowd: { type: 'string', default: '500' },
      format: { type: 'string', default: 'markdown' },
      client: { type: 'string' },
      images: { type: 'boolean', default: false },
      builds: { type: 'boolean', default: false },
      only: { type: 'string' },
      state: { type: 'string', default: '/var/tmp/gantry-bench' },
    },
  });
  const { format } = values;
  if (format !== 'markdown' && format !== 'json') throw new Error('--format is markdown or json');
  return {
    runs: positive('runs', values.runs),
    containers: positive('containers', values.containers),
    crowd: positive('crowd', values.crowd),
    format,
    suites: values.only === undefined ? [...USUAL, ...values.images ? ['images' as const] : [], ...values.builds ? ['builds' as const] : []] : values.only.split(',').map(suite),
    state: values.state,
    peers: env['GANTRY_PEERS_ROOT'] ?? PEERS,
    ...(values.client === undefined ? {} : { client: values.client }),
  };
}

function suite(name: string): Suite {
  const found = SUITES.find((each) => each === name);
  if (found === undefined) throw new Error(`--only takes some of ${SUITES.join(',')}, not "${name}"`);
  return found;
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`--${name} takes a whole number above 0`);
  return number;
}
