import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Timers } from '#base/clock.ts';
import { GantryError } from '#base/error.ts';
import type { StoreRequest } from '#docker/edge/cluster-control.ts';
import { Compactor } from '#store/compactor.ts';
import { openSqliteStore } from '#store/edge/sqlite.ts';
import { MAX_TRANSACTION_OPS, type Store } from '#store/store.ts';
import { describeStore, parseStorePlace, type StorePlace } from './store-place.ts';

export interface StoreParts {
  /** Where the cluster keeps what it knows, and which other store has it. */
  readonly root: string;
  /** Absent: the one that it has, or a file. */
  readonly storage?: StoreRequest;
  readonly timers: Timers;
  readonly log: (line: string) => void;
}

export interface ClusterStore {
  readonly store: Store;
  close(): Promise<void>;
}

/** While it is there, what else there is is a part of what a restore was to bring. */
export const RESTORING_KEY = 'restoring';
export const STATE_FILE = 'state.db';
/** Names the store of a cluster that has another than the file. */
export const STORE_NOTE = 'store.json';

/** What a cluster wants, and how it came to be so; history older than five minutes is forgotten. */
export async function openClusterStore({ root, storage, timers, log }: StoreParts): Promise<ClusterStore> {
  const place = claimPlace(root, storage);
  const store = await openPlace(place, root, log);
  const compactor = new Compactor({ store, timers, log: (line) => log(`cluster: ${line}`) });
  const close = async (): Promise<void> => {
    compactor.close();
    await store.close();
  };
  try {
    if (await store.get(RESTORING_KEY) !== undefined) throw new GantryError('conflict', `a restore into ${describeStore(place)} was interrupted: only a part is there`, { hint: 'Restore again: gantry cluster restore FILE' });
    await compactor.open();
    // Before anything is written there.
    noteStorage(root, storage);
    return { store, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** @param root where the file is, or its note */
export async function openPlace(place: StorePlace, root: string, log: (line: string) => void): Promise<Store> {
  if (place.kind === 'etcd') {
    const { openEtcdStore } = await import('#store/edge/etcd/etcd.ts');
    const { endpoints, base, files } = place;
    return await openEtcdStore({ endpoints, base, tls: { ...(files.ca === undefined ? {} : { ca: pem(files.ca) }), ...(files.cert === undefined ? {} : { cert: pem(files.cert) }), ...(files.key === undefined ? {} : { key: pem(files.key) }) } });
  }
  const { store, quarantine } = await openSqliteStore(join(root, STATE_FILE));
  if (quarantine !== undefined) log(`the cluster's state was damaged (${quarantine.reason}): it is kept as ${quarantine.path}, and the cluster starts with none; a backup brings it back: gantry cluster restore FILE`);
  return store;
}

/** The store that the cluster in `root` has or is to have. @throws GantryError conflict where it has another than is asked for */
function claimPlace(root: string, asked: StoreRequest | undefined): StorePlace {
  const noted = notedStorage(root);
  if (asked === undefined) return parseStorePlace(noted ?? { url: 'file' });
  const place = parseStorePlace(asked);
  const present = noted !== undefined ? parseStorePlace(noted) : existsSync(join(root, STATE_FILE)) ? parseStorePlace({ url: 'file' }) : place;
  if (describeStore(present) !== describeStore(place)) {
    throw new GantryError('conflict', `this cluster has its state in ${describeStore(present)}, not in ${describeStore(place)}`, { hint: 'To move it: gantry cluster backup FILE, gantry cluster down, gantry cluster restore --store ... FILE' });
  }
  return place;
}

export function notedStorage(root: string): StoreRequest | undefined {
  const note = join(root, STORE_NOTE);
  return existsSync(note) ? JSON.parse(readFileSync(note, 'utf8')) as StoreRequest : undefined;
}

function noteStorage(root: string, storage: StoreRequest | undefined): void {
  if (storage === undefined) return;
  if (storage.url === 'file') rmSync(join(root, STORE_NOTE), { force: true });
  else writeFileSync(join(root, STORE_NOTE), JSON.stringify(storage), { mode: 0o600 });
}

/** Empties the store of a cluster that is erased, where it is another than the file, which goes with its directory. */
export async function eraseStorage(root: string, log: (line: string) => void): Promise<void> {
  const noted = notedStorage(root);
  if (noted === undefined) return;
  const store = await openPlace(parseStorePlace(noted), root, log);
  try {
    await emptyStore(store);
  } finally {
    await store.close();
  }
}

export async function emptyStore(store: Store): Promise<void> {
  for (;;) {
    const { entries } = await store.list('', { limit: MAX_TRANSACTION_OPS });
    if (entries.length === 0) return;
    await store.transact(entries.map(({ key }) => ({ kind: 'delete', key })));
  }
}

function pem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new GantryError('invalid', `the certificate file ${path} can't be read on the daemon's machine`, { subject: path, cause });
  }
}
