import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { ownMirror } from '../../bench/peers/debian-mirror.ts';
import { isOnPath } from '../test-run/on-path.ts';
import { root, type Task } from './task.ts';

const SUITE = 'bookworm';
/** What says where packages come from, and whom to trust; a new machine has its own. */
const MACHINE_SETTINGS = ['/etc/apt/apt.conf.d', '/etc/apt/auth.conf.d', '/etc/resolv.conf', '/etc/ssl/certs', '/usr/share/ca-certificates', '/usr/local/share/ca-certificates', '/etc/npmrc', '/root/.npmrc'];
/** Variables that say the same. */
const MACHINE_VARIABLES = /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR)|CI)$/i;
const CHECKOUT = 'root/gantry';

// Mounts of its own. The network is the machine's, since packages have to come from somewhere.
const ENTER = `
cd "$1"
mount --bind . .
cd "$PWD"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs tmpfs run
pivot_root . .
umount -l .
cd /
echo ready
exec cat
`;

/**
 * The commands of the README, as a newcomer types them: in a bare Debian with Node and npm and nothing else, in a
 * clone of what is committed. `[demo|test|reference]` names them; both by default. `--keep` leaves the root for a look.
 */
export const task: Task = async (args) => {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: { keep: { type: 'boolean', default: false }, state: { type: 'string', default: '/var/tmp' } } });
  if (existsSync('/run/gantry/gantry.sock')) {
    console.error('a daemon runs at the default socket: its bridge has the name that the new one wants; end it first');
    return 1;
  }
  const machine = mkdtempSync(join(values.state, 'gantry-fresh-'));
  try {
    makeMachine(machine);
    const commands = [
      ...(positionals.length === 0 || positionals.includes('demo') ? [['./gantry', 'demo'], ['./gantry', 'demo'], ['./gantry', 'demo', '--down']] : []),
      ...(positionals.length === 0 || positionals.includes('test') ? [['npm', 'test']] : []),
      ...(positionals.includes('reference') ? [['npm', 'run', 'reference']] : []),
    ];
    return await runAll(machine, commands);
  } finally {
    if (values.keep) console.log(`fresh: kept ${machine}`);
    else rmSync(machine, { recursive: true, force: true });
  }
};

function makeMachine(machine: string): void {
  console.log(`fresh: a bare Debian ${SUITE} in ${machine}`);
  const mirror = ownMirror();
  if (mirror === undefined) throw new Error('no Debian mirror among the apt sources of this machine');
  run('mmdebstrap', '--mode=root', '--variant=minbase', '--include=ca-certificates', SUITE, machine, `deb ${mirror} ${SUITE} main`);
  for (const path of MACHINE_SETTINGS) {
    if (existsSync(path)) cpSync(path, join(machine, path), { recursive: true, force: true, dereference: path === '/etc/resolv.conf' });
  }
  copyNode(machine);
  mkdirSync(join(machine, CHECKOUT), { recursive: true });
  run('git', '-c', `safe.directory=${root}`, 'clone', '--quiet', '--no-hardlinks', `file://${root}`, join(machine, CHECKOUT));
}

/** The machine's own Node and npm, not those of this checkout. */
function copyNode(machine: string): void {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.startsWith(root));
  const find = (name: string): string => {
    const folder = path.find((candidate) => isOnPath(name, candidate));
    if (folder === undefined) throw new Error(`no ${name} on the PATH of this machine`);
    return realpathSync(join(folder, name));
  };
  cpSync(find('node'), join(machine, 'usr/bin/node'));
  const npm = dirname(dirname(find('npm')));
  cpSync(npm, join(machine, 'usr/lib/node_modules/npm'), { recursive: true });
  run('ln', '-s', '../lib/node_modules/npm/bin/npm-cli.js', join(machine, 'usr/bin/npm'));
}

/** In one place, so that a daemon that the first command starts is there for the next. It is taken apart with its last process. */
async function runAll(machine: string, commands: readonly (readonly string[])[]): Promise<number> {
  const place = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-euc', ENTER, 'enter', machine], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await Promise.race([once(place.stdout, 'data'), once(place, 'exit').then(() => { throw new Error(`${machine} could not be entered`); })]);
    const machineVariables = Object.fromEntries(Object.entries(process.env).filter(([name]) => MACHINE_VARIABLES.test(name)));
    const env = { ...machineVariables, PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };
    for (const command of commands) {
      const started = performance.now();
      console.log(`fresh: ${command.join(' ')}`);
      const { status } = spawnSync('nsenter', [`--target=${place.pid}`, '--mount', '--root', 'env', `--chdir=/${CHECKOUT}`, ...command], { stdio: ['ignore', 'inherit', 'inherit'], env });
      console.log(`fresh: ${command.join(' ')}: exit code ${status}, ${((performance.now() - started) / 1000).toFixed(2)} s`);
      if (status !== 0) return 1;
    }
    return 0;
  } finally {
    place.stdin.end();
  }
}

function run(program: string, ...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (error !== undefined || status !== 0) throw new Error(`${program} ${args[0] ?? ''}: ${error?.message ?? stderr.slice(-2000)}`);
}
