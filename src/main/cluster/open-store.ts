import { join } from 'node:path';
import type { Timers } from '#base/clock.ts';
import { Compactor } from '#store/compactor.ts';
import { openSqliteStore } from '#store/edge/sqlite.ts';
import type { Store } from '#store/store.ts';

export interface StoreParts {
  /** Where the cluster keeps what it knows. */
  readonly root: string;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

export interface ClusterStore {
  readonly store: Store;
  close(): Promise<void>;
}

/** What a cluster wants, and how it came to be so; history older than five minutes is forgotten. */
export async function openClusterStore({ root, timers, log }: StoreParts): Promise<ClusterStore> {
  const { store, quarantine } = await openSqliteStore(join(root, 'state.db'));
  if (quarantine !== undefined) log(`the cluster's state was damaged (${quarantine.reason}): it is kept as ${quarantine.path}, and the cluster starts with none`);
  const compactor = new Compactor({ store, timers, log: (line) => log(`cluster: ${line}`) });
  await compactor.open();
  return {
    store,
    close: async () => {
      compactor.close();
      await store.close();
    },
  };
}
