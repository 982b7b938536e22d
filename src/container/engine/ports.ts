import type { Clock, Timers } from '#base/clock.ts';
import type { Hasher } from '#base/hasher.ts';
import type { Random } from '#base/random.ts';
import type { Host } from '#container/host/port.ts';
import type { UnhealthyAction } from '#container/model/probe.ts';
import type { ArchiveStaging } from '#image/archive/port.ts';
import type { ContainerFiles } from '#image/snapshot/files.ts';
import type { BlobStore } from '#image/blob/port.ts';
import type { Registries } from '#image/registry/registries.ts';
import type { TrustPolicy } from '#image/registry/trust.ts';
import type { Snapshots } from '#image/snapshot/port.ts';
import type { Store } from '#store/store.ts';
import type { Layout } from './layout.ts';

/** All that the engine stands on. */
export interface EnginePorts {
  readonly host: Host;
  readonly snapshots: Snapshots;
  readonly files: ContainerFiles;
  readonly staging: ArchiveStaging;
  /** Manifests and indexes of images that came from registries. */
  readonly documents: BlobStore;
  readonly registries: Registries;
  /** What may come in. */
  readonly trust: TrustPolicy;
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly hasher: Hasher;
  readonly layout: Layout;
  /** What is done with a container that becomes unhealthy, where its label says nothing. */
  readonly onUnhealthy?: UnhealthyAction;
  /** Lines for the operator; never holds secrets or environment values. */
  readonly log: (line: string) => void;
}
