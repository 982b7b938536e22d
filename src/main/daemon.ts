import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { GantryError, messageOf } from '#base/error.ts';
import { SystemClock, SystemTimers } from '#base/edge/system-clock.ts';
import { SystemHasher } from '#base/edge/system-hasher.ts';
import { SystemRandom } from '#base/edge/system-random.ts';
import { PassingBuffers, YoungGeneration } from '#base/edge/young-generation.ts';
import type { BuilderParts } from '#build/edge/open-builder.ts';
import { BuildCache } from '#build/solver/build-cache.ts';
import { product } from '#cli/product.ts';
import type { NetworkDefaults } from '#container/engine/network-defaults.ts';
import { Engine } from '#container/engine/engine.ts';
import type { UnhealthyAction } from '#container/model/probe.ts';
import { layoutOf } from '#container/engine/layout.ts';
import { weaknessOf } from '#container/host/runtime-weakness.ts';
import { LinuxHost } from '#container/host/edge/linux-host.ts';
import { SealedProgram } from '#container/host/edge/sealed-program.ts';
import { readHostFacts } from '#container/host/edge/linux-facts.ts';
import { readCgroupLayout } from '#container/host/edge/linux/cgroup-layout.ts';
import { lockFile } from '#container/host/edge/linux/flock.ts';
import { enterPrivateMounts, openNamespace } from '#container/host/edge/linux/namespaces.ts';
import { openUnified, withUnified } from '#container/host/edge/linux/unified-hierarchy.ts';
import { identifyProcess } from '#container/host/edge/linux/processes.ts';
import { releaseCodePages, releaseFreedMemory } from '#container/host/edge/linux/resident-pages.ts';
import { openNft } from '#container/host/edge/linux/nftables.ts';
import { takeOverVolumes } from '#container/host/edge/volume-takeover.ts';
import type { CreateDefaults } from '#docker/create-defaults.ts';
import type { Builder, LoadBuilder } from '#docker/edge/builder.ts';
import { createDockerServer, type DockerServer, type TlsMaterial } from '#docker/edge/server.ts';
import { openDiskStaging } from '#image/archive/edge/disk-staging.ts';
import { decompressedByProgram } from '#image/snapshot/edge/decompressor.ts';
import type { ChainId } from '#image/oci/chain-id.ts';
import { ChildContainerFiles } from '#image/snapshot/edge/container-files.ts';
import { OverlaySnapshots } from '#image/snapshot/edge/overlay-snapshots.ts';
import { renewChildren } from './bundle/renew-children.ts';
import { DaemonCluster } from './cluster/cluster-control.ts';
import type { ImageOptions } from './image-options.ts';
import { collectorOf, openImagePorts, openTransport, shareImages } from './image-ports.ts';
import { openSqliteStore } from '#store/edge/sqlite.ts';
import { printListenAddress, type ListenAddress } from './dockerd/listen-address.ts';

export interface DaemonOptions {
  readonly hosts: readonly ListenAddress[];
  /** Group of the unix sockets. */
  readonly gid: number;
  /** For the TCP sockets, which there are none without. */
  readonly tls?: TlsMaterial;
  readonly root: string;
  readonly run: string;
  readonly runtime: 'crun' | 'runc';
  readonly pidFile?: string;
  readonly network?: NetworkDefaults;
  readonly defaults: CreateDefaults;
  /** Reads the operator's settings again. */
  readonly reload?: () => CreateDefaults;
  readonly images: ImageOptions;
  readonly onUnhealthy?: UnhealthyAction;
  readonly log: (line: string) => void;
}

const SOCKET_MODE = 0o660;
/** Serving touches code too; what it needs often costs a fraction of a millisecond to come back. */
const LOOKS_PER_RELEASE = 3;
/** Short, so that a burst of work is not taken for a busy time. */
const LOOK_EVERY_MS = 5_000;

function privateDirectory(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chmodSync(path, 0o700);
}

/** As dockerd's own service file has it: a greedy container is killed before what looks after all of them. Monitors inherit it, containers don't. */
const MEMORY_KILLER_SCORE = -500;

function resistMemoryKiller(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', String(MEMORY_KILLER_SCORE));
  } catch {
    // A daemon in a container may not.
  }
}

/** Runs until a signal asks it to end. Containers go on: they never were its children. */
export async function runDaemon(options: DaemonOptions): Promise<void> {
  const { root, run, log } = options;
  let { defaults } = options;
  const unifiedFd = openUnified();
  // Before anything asynchronous: threads that start later belong to the namespace that is entered here.
  const mountsFd = enterPrivateMounts();
  const networkFd = openNamespace('net');
  resistMemoryKiller();
  privateDirectory(root);
  privateDirectory(run);
  const lock = lockFile(`${root}/lock`, `engine root ${root}`);
  const hasher = new SystemHasher();
  const layout = layoutOf(root, run, hasher);
  const cgroups = withUnified(readCgroupLayout(), unifiedFd);
  if (cgroups === undefined) throw new GantryError('unavailable', 'no control groups are mounted', { hint: 'mount cgroup v2: mount -t cgroup2 none /sys/fs/cgroup' });
  const { facts, monitorPath } = await readHostFacts(options.runtime, cgroups);
  for (const runtime of facts.runtimes) {
    const weakness = weaknessOf(runtime);
    if (weakness !== undefined) log(weakness);
  }
  const timers = new SystemTimers();
  const context = { facts, timers, run, root, mountsFd, networkFd, cgroups, monitorPath, sealedCrun: new SealedProgram(facts.runtimes.find(({ name }) => name === 'crun')?.path ?? ''), table: layout.table, cgroup: layout.cgroup };
  const host = new LinuxHost(context, openNft(), log);
  await host.open();
  const clusterRoot = `${root}/cluster`;
  takeOverVolumes(context, [`${root}/volumes`, `${clusterRoot}/pods`], log);
  const clock = new SystemClock();
  const { store, quarantine } = await openSqliteStore(`${root}/state.db`);
  if (quarantine !== undefined) log(`the state was damaged (${quarantine.reason}): it is kept as ${quarantine.path}, and the engine starts with none`);
  const snapshots = await OverlaySnapshots.open(`${root}/snapshots`, hasher);
  const transport = openTransport(options.images);
  const engine = new Engine({ host, snapshots, files: await ChildContainerFiles.open(`${root}/snapshots/code-cache`), staging: await openDiskStaging(`${root}/staging`, decompressedByProgram), store, clock, timers, random: new SystemRandom(), hasher, layout, log, onUnhealthy: options.onUnhealthy ?? 'none', ...await openImagePorts(root, options.images, clock, transport) }, engineId(root));
  const cache = await BuildCache.open({ store, clock, hasLayer: (chain) => snapshots.has(chain as ChainId) });
  engine.images.holdLayers(() => cache.heldLayers());
  const lost = readdirSync(root).filter((name) => name.startsWith('state.db.corrupt-'));
  if (lost.length > 0) log(`layers and file systems that no record names are kept for the sake of ${lost.join(', ')}; delete it to have them swept`);
  await engine.open({ keepUnknown: lost.length > 0, ...(options.network === undefined ? {} : { network: options.network }), ...collectorOf(root, options.images) });
  const builder = builderLoader({ engine, trees: snapshots.trees, snapshots, hasher, cache, store, clock, transport, passing: () => new PassingBuffers(), root: `${root}/build`, run, version: product.version, log });
  const cluster = new DaemonCluster({ engine, root: clusterRoot, clock, version: product.version, log });
  const server = createDockerServer({ engine, clock, version: product.version, log, builder, cluster, defaults: () => defaults });
  for (const place of options.hosts) await listen(server, place, options);
  const sharing = options.images.share === undefined ? undefined : await shareImages(engine.images.shared(), options.images.share, log);
  const self = identifyProcess(process.pid);
  writeFileSync(`${run}/daemon.json`, JSON.stringify({ pid: process.pid, startTime: String(self?.startTime ?? '') }), { mode: 0o600 });
  if (options.pidFile !== undefined) writeFileSync(options.pidFile, `${process.pid}\n`);
  onReload(options, (reloaded) => (defaults = reloaded), engine);
  log(`ready: ${options.hosts.map(printListenAddress).join(', ')}; root ${root}; ${engine.runningCount()} containers run`);
  void cluster.resume();
  renewChildren();
  releaseCodePages();
  const young = new YoungGeneration();
  let looks = 0;
  const keepingSmall = setInterval(() => {
    looks += 1;
    // A collection touches code, too.
    const hasCollected = young.look();
    if (!hasCollected && looks % LOOKS_PER_RELEASE !== 0) return;
    releaseFreedMemory();
    releaseCodePages();
  }, LOOK_EVERY_MS);
  await signalToEnd();
  clearInterval(keepingSmall);
  log('ending; containers go on');
  await sharing?.close(0);
  await server.close();
  await cluster.close();
  await host.settled();
  await store.close();
  rmSync(`${run}/daemon.json`, { force: true });
  if (options.pidFile !== undefined) rmSync(options.pidFile, { force: true });
  lock.release();
  // Containers that run are watched still, and those that restart have timers: either would keep this process for as long.
  process.exit(0);
}

/** Building is loaded, and opens its stores, when somebody first builds. */
function builderLoader(parts: BuilderParts): LoadBuilder {
  let builder: Promise<Builder> | undefined;
  return () => {
    builder ??= import('#build/edge/open-builder.ts').then(({ openBuilder }) => openBuilder(parts));
    builder.catch(() => { builder = undefined; });
    return builder;
  };
}

/** One id for the life of the root, for `docker info`. */
function engineId(root: string): string {
  const path = `${root}/engine-id`;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    const id = randomUUID();
    writeFileSync(path, `${id}\n`, { mode: 0o600 });
    return id;
  }
}

async function listen(server: DockerServer, place: ListenAddress, { gid, tls }: DaemonOptions): Promise<void> {
  if (place.kind === 'unix') return await server.listenUnix(place.path, { mode: SOCKET_MODE, gid });
  if (tls === undefined) throw new GantryError('invalid', 'a TCP socket needs client certificates', { hint: 'see dockerd --tlsverify' });
  await server.listenTcp(place, tls);
}

/** A SIGHUP asks to read the settings again; what is wrong with them changes nothing. */
function onReload({ reload, log }: DaemonOptions, apply: (defaults: CreateDefaults) => void, engine: Engine): void {
  process.on('SIGHUP', () => {
    if (reload === undefined) return;
    try {
      apply(reload());
      engine.events.emit('daemon', 'reload', engine.info.id, { name: engine.info.facts.hostname });
      log('the settings were read again');
    } catch (thrown) {
      log(`the settings could not be read again, and stay: ${messageOf(thrown)}`);
    }
  });
}

function signalToEnd(): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      // A second signal ends at once: by then something hangs.
      process.once('SIGTERM', () => process.exit(1));
      process.once('SIGINT', () => process.exit(1));
      resolve();
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
  });
}

/** What goes wrong where nobody waits for it is told, and does not end the daemon: its state is on disk. */
export function tellOfLostErrors(log: (line: string) => void): void {
  process.on('unhandledRejection', (reason) => log(`unhandled: ${reason instanceof Error ? reason.stack ?? messageOf(reason) : String(reason)}`));
}
