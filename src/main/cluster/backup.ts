import { createReadStream, existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, isKind } from '#base/error.ts';
import type { Restored, StoreRequest } from '#docker/edge/cluster-control.ts';
import { MAX_TRANSACTION_OPS, type EntryList, type Store, type WriteOp } from '#store/store.ts';
import { readBackup, verifyBackup, writeBackup, type BackupRecord } from './backup-file.ts';
import { syncDirectory, writeDurably } from './durable-file.ts';
import { emptyStore, notedStorage, openPlace, RESTORING_KEY, STATE_FILE, STORE_NOTE } from './open-store.ts';
import { packVolumes, placeVolumes, VolumeUnpacker } from './volume-archive.ts';
import { describeStore, parseStorePlace } from './store-place.ts';

/** What a cluster has beside its store: whoever holds its certificates and tokens is let in again. */
const KEY_FILES = ['pki.json', 'service-account.key'];
const PAGE = 500;
/** What one transaction of a restore writes: etcd takes requests of 1.5 MiB. */
const BATCH_CHARACTERS = 512 << 10;
/**
 * Clients may have seen states of after the backup: what they ask for has to be gone, not another's. As etcdutl has it for clusters
 * that write 10,000 times a second for a day.
 */
const AHEAD = 1_000_000_000;
/** Where a restore is prepared, and where it lies from the moment on at which it counts. */
const STAGE = 'restore.part';
const READY = 'restored';
const ASIDE = `${STATE_FILE}.before-restore`;
/** Where the node has the volumes of claims. */
const VOLUMES = 'volumes';

/** Everything in the store at one revision, and the keys in `root`. @param hasVolumes whether files of volumes are a part of it, as they are while it is written */
export async function backupCluster(store: Store, root: string, about: { readonly createdAt: string; readonly gantry: string }, hasVolumes: boolean): Promise<AsyncIterable<Uint8Array>> {
  const first = await store.list('', { limit: PAGE });
  return writeBackup({ ...about, revision: first.revision }, recordsOf(store, root, first, hasVolumes), hasVolumes);
}

async function* recordsOf(store: Store, root: string, first: EntryList, hasVolumes: boolean): AsyncGenerator<BackupRecord> {
  yield* knowledgeOf(store, root, first);
  if (!hasVolumes) return;
  for await (const { name, bytes } of packVolumes(join(root, VOLUMES))) yield { kind: 'volume', name, data: Buffer.from(bytes).toString('base64') };
}

async function* knowledgeOf(store: Store, root: string, first: EntryList): AsyncGenerator<BackupRecord> {
  for (const name of KEY_FILES) yield { kind: 'file', name, text: await readFile(join(root, name), 'utf8') };
  for (let page = first; ;) {
    for (const { key, value } of page.entries) yield { kind: 'entry', key, value };
    const last = page.entries.at(-1);
    if (!page.more || last === undefined) return;
    page = await store.list('', { limit: PAGE, at: first.revision, afterKey: last.key });
  }
}

export interface RestoreParts {
  /** Of a cluster that is down. */
  readonly root: string;
  /** Absent: the store that it has, or a file. */
  readonly storage: StoreRequest | undefined;
  readonly log: (line: string) => void;
}

/** All of the backup, or nothing: what there was is set aside once what is to be there is. */
export async function restoreCluster(backup: AsyncIterable<Uint8Array>, { root, storage, log }: RestoreParts): Promise<Restored> {
  await finishRestore(root);
  const asked = storage ?? notedStorage(root) ?? { url: 'file' };
  const place = parseStorePlace(asked);
  const stage = join(root, STAGE);
  await rm(stage, { recursive: true, force: true });
  await mkdir(stage, { mode: 0o700 });
  try {
    // A store that others may see is not touched before all of the backup is known to be right.
    const received = join(stage, 'backup');
    await writeFile(received, backup, { mode: 0o600 });
    const { revision, entries, createdAt } = await verifyBackup(createReadStream(received));
    const after = Math.max(revision, existsSync(join(root, STATE_FILE)) ? await revisionOf(root, log) : 0) + AHEAD;
    const store = await openPlace(place, stage, log);
    let files: ReadonlyMap<string, string>;
    const volumes = new VolumeUnpacker(join(stage, VOLUMES));
    try {
      files = await fill(store, readBackup(createReadStream(received)), after, volumes);
    } catch (thrown) {
      throw isKind(thrown, 'conflict') ? new GantryError('conflict', `${describeStore(place)} is not empty`, { cause: thrown, hint: 'gantry cluster down empties that of a cluster; another name for keys is --store .../NAME' }) : thrown;
    } finally {
      await volumes.abandon();
      await store.close();
    }
    await rm(received);
    for (const [name, text] of files) await writeDurably(join(stage, name), text);
    if (place.kind === 'etcd') await writeDurably(join(stage, STORE_NOTE), JSON.stringify(asked));
    await syncDirectory(stage);
    await rename(stage, join(root, READY));
    await syncDirectory(root);
    await finishRestore(root);
    return { revision, entries, createdAt };
  } catch (thrown) {
    await rm(stage, { recursive: true, force: true });
    throw thrown;
  }
}

/** Puts what was restored in the place of what there was; goes on where a crash stopped it. */
export async function finishRestore(root: string): Promise<void> {
  const ready = join(root, READY);
  if (!existsSync(ready)) return;
  const present = [...KEY_FILES, STATE_FILE, STORE_NOTE].filter((name) => existsSync(join(ready, name)));
  if ((present.includes(STATE_FILE) || present.includes(STORE_NOTE)) && existsSync(join(root, STATE_FILE))) await rename(join(root, STATE_FILE), join(root, ASIDE));
  if (present.includes(STATE_FILE)) await rm(join(root, STORE_NOTE), { force: true });
  await placeVolumes(join(ready, VOLUMES), join(root, VOLUMES), join(root, `${VOLUMES}.before-restore`));
  for (const name of present) await rename(join(ready, name), join(root, name));
  await syncDirectory(root);
  await rm(ready, { recursive: true });
}

/** Of the state that is replaced. Opened and closed, it is all in one file, too. */
async function revisionOf(root: string, log: (line: string) => void): Promise<number> {
  const store = await openPlace({ kind: 'file' }, root, log);
  try {
    return await store.revision();
  } finally {
    await store.close();
  }
}

/** @returns the files of the backup, by name. @throws GantryError conflict where the store holds something else */
async function fill(store: Store, records: AsyncIterable<BackupRecord>, after: number, volumes: VolumeUnpacker): Promise<ReadonlyMap<string, string>> {
  if (await store.get(RESTORING_KEY) !== undefined) await emptyStore(store);
  await store.startAfter(after);
  await store.put(RESTORING_KEY, '');
  const files = new Map<string, string>();
  let [ops, size]: [WriteOp[], number] = [[], 0];
  for await (const record of records) {
    if (record.kind === 'file') {
      // Another name would be a way to write elsewhere.
      if (KEY_FILES.includes(record.name)) files.set(record.name, record.text);
      continue;
    }
    if (record.kind === 'volume') {
      await volumes.take({ name: record.name, bytes: Buffer.from(record.data, 'base64') });
      continue;
    }
    if (ops.length === MAX_TRANSACTION_OPS || size + record.value.length > BATCH_CHARACTERS) {
      await store.transact(ops);
      [ops, size] = [[], 0];
    }
    ops.push({ kind: 'put', key: record.key, value: record.value });
    size += record.value.length;
  }
  await volumes.finish();
  await store.transact(ops);
  await store.delete(RESTORING_KEY);
  await store.compact(await store.revision());
  return files;
}
