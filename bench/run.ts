import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';
import type { Engine, Job, Measured } from './engine.ts';
import { makeLayeredImage } from './layered-image.ts';
import { ALONE, parseOptions, PROGRAMS, type Options } from './options.ts';
import { removeCgroups } from './peers/cgroups.ts';
import { placeClient } from './peers/docker-client.ts';
import { startDaemon, type Daemon } from './peers/daemon.ts';
import { dockerClient, startDockerd } from './peers/dockerd.ts';
import { among, inside, type Place } from './peers/namespace.ts';
import { seedRegistry, startLocalRegistry } from './peers/local-registry.ts';
import { podman } from './peers/podman.ts';
import { makeImage, setUpPeers } from './peers/setup.ts';
import { renderReport, type Report } from './report.ts';
import { benchStore } from './store.ts';

const IMAGE = 'gantry-bench:1';

/** Measures Gantry beside its peers; the report goes to standard output and to bench/out/. */
export async function bench(checkout: string, args: readonly string[]): Promise<number> {
  const options = parseOptions(args, process.env);
  if (process.getuid?.() !== 0) throw new Error('the benchmark starts container engines: run it as root');
  if (options.suites.includes('store')) process.stdout.write(await benchStore(checkout, options.state, options.runs));
  for (const suite of PROGRAMS.filter((each) => options.suites.includes(each))) execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(checkout, `bench/${suite}.ts`)], { stdio: 'inherit' });
  if (options.suites.every((suite) => ALONE.includes(suite))) return 0;
  setUpPeers(options.peers);
  makeImage(join(options.state, 'image.tar'));
  if (options.suites.includes('images')) {
    makeLayeredImage(options.state);
    await seedRegistry(checkout, options.state);
  }
  // As set-up does: after an edit they would be made anew beside the first runs.
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(checkout, 'src/main/bundle/write-children.ts')]);
  if (options.suites.includes('compose')) execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(checkout, 'src/main/bundle/write-bundle.ts')]);
  const measured = await withEngines(checkout, options, (engines, refused) => measure(checkout, options, engines, refused));
  const clientOrigin = options.client === undefined ? "the side root's" : `the machine's ${options.client}`;
  const report: Report = { machine: machine(), clientOrigin, ...measured };
  const text = options.format === 'json' ? `${JSON.stringify(report, undefined, 2)}\n` : renderReport(report);
  const out = join(checkout, 'bench/out');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, `${report.machine.date.replaceAll(':', '')}.${options.format === 'json' ? 'json' : 'md'}`), text);
  process.stdout.write(text);
  return measured.refused.length === 0 ? 0 : 1;
}

async function withEngines<T>(checkout: string, options: Options, use: (engines: Engine[], refused: string[]) => Promise<T>): Promise<T> {
  const client = placeClient(options);
  const daemons: Daemon[] = [];
  const registries: { readonly stop: () => Promise<void> }[] = [];
  const refused: string[] = [];
  try {
    console.error('bench: starting the engines');
    const docker = await startDockerd(place(checkout, options));
    daemons.push(docker);
    const engines = [dockerClient(client, 'docker', 'docker.sock', docker.pid), podman(options.state)];
    try {
      const gantry = await startGantry(checkout, options.state);
      daemons.push(gantry);
      engines.unshift(dockerClient(client, 'gantry', 'gantry.sock', gantry.pid));
    } catch (error) {
      refused.push(`gantry: ${(error as Error).message}`);
      console.error(`bench: left out: ${refused.at(-1)}`);
    }
    if (options.suites.includes('images')) for (const { name, daemonPid } of engines) if (daemonPid !== undefined) registries.push(await startLocalRegistry(checkout, options.state, name, daemonPid));
    return await use(engines, refused);
  } finally {
    await Promise.all(registries.map(({ stop }) => stop()));
    await Promise.all(daemons.map(({ stop }) => stop()));
    removeCgroups(['gantry-bench-docker', 'libpod_parent']);
  }
}

/** Gantry as anybody would start it, but with a network and a /run of its own like the others. */
async function startGantry(checkout: string, state: string): Promise<Daemon> {
  if (!existsSync(join(checkout, 'src/main/cli.ts'))) throw new Error('src/main/cli.ts is not there yet');
  const socket = join(state, 'gantry.sock');
  return startDaemon([
    'unshare', '--net', '--mount', '--propagation', 'private', 'sh', '-euc', 'ip link set lo up; mkdir -p "$1"; mount -t tmpfs -o mode=755 tmpfs "$1"; shift; exec "$@"', 'sh', join(state, 'gantry-run'),
    join(checkout, 'gantry'), 'daemon', '--host', `unix://${socket}`, '--root', join(state, 'gantry'), '--run', join(state, 'gantry-run'),
  ], socket, join(state, 'gantry.log'));
}

/** The image goes into Docker first, whose archive of it all of them load. */
async function measure(checkout: string, options: Options, engines: Engine[], refused: string[]): Promise<Measured> {
  const here = place(checkout, options);
  const docker = engines.find(({ name }) => name === 'docker') as Engine;
  const [program, ...args] = among(here, ['sh', '-euc', `docker import "$1/image.tar" "$2" >/dev/null; docker save --output "$1/archive.tar" "$2"`, 'sh', inside.state, IMAGE]);
  const { status, stderr } = spawnSync(program, args, { env: { ...process.env, ...docker.env, PATH: process.env['PATH'] }, encoding: 'utf8' });
  if (status !== 0) throw new Error(`the image could not be imported into Docker: ${stderr}`);
  const layered = options.suites.includes('images') ? { layered: `${inside.state}/layers.tar` } : {};
  const job: Job = { ...layered, suites: options.suites, engines, image: IMAGE, archive: `${inside.state}/archive.tar`, runs: options.runs, containers: options.containers, crowd: options.crowd };
  const measured = await runInside(checkout, here, job);
  return { ...measured, refused: [...refused, ...measured.refused] };
}

function runInside(checkout: string, here: Place, job: Job): Promise<Measured> {
  const node = join(inside.checkout, relative(checkout, process.execPath));
  const [program, ...args] = among(here, [node, '--disable-warning=ExperimentalWarning', join(inside.checkout, 'bench/inside.ts')]);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
    child.on('error', reject);
    child.on('close', (code) => code === 0 ? resolve(JSON.parse(output) as Measured) : reject(new Error(`the measuring process ended with ${code}`)));
    child.stdin.end(JSON.stringify(job));
  });
}

function place(checkout: string, { state, peers }: Options): Place {
  return { peers, checkout, state };
}

function machine(): Report['machine'] {
  return {
    date: new Date().toISOString().slice(0, 19).replace('T', ' '),
    kernel: release(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}
