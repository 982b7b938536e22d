import { mkdir } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import type { Hasher } from '#base/hasher.ts';
import type { BuildEngine } from '#container/engine/port.ts';
import type { Store } from '#store/store.ts';
import type { Snapshots } from '#image/snapshot/port.ts';
import type { Transport } from '#image/registry/transport.ts';
import type { TreeWork } from '#image/snapshot/tree-work.ts';
import type { BuildCache } from '../solver/build-cache.ts';
import { BuildHistory } from '../solver/build-history.ts';
import { BuildService } from './build-service.ts';
import { CacheMounts } from './cache/cache-mounts.ts';
import { ContextStore } from './context/context-store.ts';
import type { PassingBuffers } from './context/receive.ts';
import { BuildSessions } from './session.ts';

export interface BuilderParts {
  readonly engine: BuildEngine;
  readonly trees: TreeWork;
  readonly snapshots: Pick<Snapshots, 'exportLayer' | 'compressLayer' | 'unpack' | 'layer'>;
  readonly hasher: Hasher;
  readonly cache: BuildCache;
  readonly store: Store;
  readonly clock: Clock;
  readonly transport: Transport;
  /** For each context that comes. */
  readonly passing: () => PassingBuffers;
  /** Where contexts and cache mounts are kept. */
  readonly root: string;
  /** In memory, private to root. */
  readonly run: string;
  readonly version: string;
  readonly log: (line: string) => void;
}

/** The builder of a daemon, made when somebody first builds. */
export async function openBuilder(parts: BuilderParts): Promise<BuildService> {
  const { engine, trees, snapshots, hasher, cache, store, clock, transport, passing, root, run, version, log } = parts;
  await mkdir(root, { recursive: true, mode: 0o700 });
  const service = new BuildService({
    engine, trees, snapshots, hasher, cache, history: new BuildHistory(store), clock, transport, version, log, contexts: await ContextStore.open(`${root}/contexts`, passing), mounts: await CacheMounts.open(`${root}/cache-mounts`), sessions: new BuildSessions(),
    secretsRoot: `${run}/build`, running: new Map(), hash: (text) => createHash('sha256').update(text).digest('hex'),
  });
  engine.images.holdLayers(() => service.heldLayers());
  return service;
}
