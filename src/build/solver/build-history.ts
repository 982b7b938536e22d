import { GantryError, isKind } from '#base/error.ts';
import type { Store } from '#store/store.ts';

const RECORDS = 'build/history/';
const LOGS = 'build/history-log/';
/** As BuildKit's default: beyond so many, what is older than this goes. */
const MOST_RECORDS = 50;
const KEEP_NS = 48n * 3_600_000_000_000n;
/** However young: a loop of builds must not fill the disk. */
const MOST_YOUNG_RECORDS = 200;

/** What is told of one build, as it is stored. */
export interface HistoryRecord {
  readonly ref: string;
  readonly frontend: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly exporters: readonly { readonly type: string; readonly attributes: Readonly<Record<string, string>> }[];
  /** Absent: it was built. */
  readonly error?: { readonly code: number; readonly message: string };
  readonly createdNs: string;
  /** Absent while it goes on. */
  readonly completedNs?: string;
  readonly response: Readonly<Record<string, string>>;
  readonly steps: StepCounts;
  readonly isPinned: boolean;
}

export interface StepCounts {
  readonly total: number;
  readonly completed: number;
  readonly cached: number;
  readonly warnings: number;
}

export interface HistoryEvent {
  readonly kind: 'started' | 'complete' | 'deleted';
  readonly record: HistoryRecord;
}

export interface HistoryQuestion {
  /** Empty: all of them. */
  readonly ref: string;
  readonly activeOnly: boolean;
  readonly filters: readonly string[];
  /** 0: no limit; the newest else. */
  readonly limit: number;
}

/** Builds that were, with what they said, and those that go on. */
export class BuildHistory {
  readonly #store: Store;
  readonly #active = new Map<string, HistoryRecord>();
  readonly #followers = new Set<(event: HistoryEvent) => void>();
  readonly #writes = new Set<Promise<void>>();

  constructor(store: Store) {
    this.#store = store;
  }

  begin(record: HistoryRecord): void {
    this.#active.set(record.ref, record);
    this.#tell({ kind: 'started', record });
  }

  /**
   * Whoever asks for builds from now on is told that it is over; the build itself need not wait for that.
   * @param log what it said, in the form that it is told again
   */
  complete(record: HistoryRecord, log: Uint8Array): Promise<void> {
    const write = this.#complete(record, log).finally(() => this.#writes.delete(write));
    this.#writes.add(write);
    return write;
  }

  async #complete(record: HistoryRecord, log: Uint8Array): Promise<void> {
    try {
      // The log first: a record without one would be a build that said nothing.
      await this.#store.put(LOGS + record.ref, log.toBase64());
      await this.#store.put(RECORDS + record.ref, JSON.stringify(record));
      await this.#bound(BigInt(record.completedNs ?? record.createdNs));
    } finally {
      this.#active.delete(record.ref);
    }
    this.#tell({ kind: 'complete', record });
  }

  async ask({ ref, activeOnly, filters, limit }: HistoryQuestion): Promise<readonly HistoryEvent[]> {
    if (limit < 0) throw new GantryError('invalid', `invalid limit ${limit}`);
    const matches = filterOf(filters);
    await Promise.allSettled(this.#writes);
    const active = [...this.#active.values()].filter((record) => ref === '' || record.ref === ref).map((record): HistoryEvent => ({ kind: 'started', record }));
    if (activeOnly) return active;
    const found = (await this.#records(ref)).filter(matches).sort((left, right) => Number(BigInt(right.createdNs) - BigInt(left.createdNs)));
    return [...active, ...found.slice(0, limit === 0 ? undefined : limit).map((record): HistoryEvent => ({ kind: 'complete', record }))];
  }

  /** What a build that is over said; undefined where none is known. */
  async log(ref: string): Promise<Uint8Array | undefined> {
    await Promise.allSettled(this.#writes);
    const entry = await this.#store.get(LOGS + ref);
    return entry === undefined ? undefined : Uint8Array.fromBase64(entry.value);
  }

  /** Throws `not-found`. */
  async pin(ref: string, isPinned: boolean): Promise<void> {
    const record = await this.#find(ref);
    await this.#store.put(RECORDS + ref, JSON.stringify({ ...record, isPinned }));
  }

  /** Throws `not-found`. */
  async remove(ref: string): Promise<void> {
    await this.#forget(await this.#find(ref));
  }

  /** Calls with whatever happens from now on. The answer ends it. */
  follow(tell: (event: HistoryEvent) => void): () => void {
    this.#followers.add(tell);
    return () => this.#followers.delete(tell);
  }

  async #find(ref: string): Promise<HistoryRecord> {
    const [record] = await this.#records(ref);
    if (ref === '' || record === undefined) throw new GantryError('not-found', `could not find build ${ref}: not found`);
    return record;
  }

  async #records(ref: string): Promise<readonly HistoryRecord[]> {
    if (ref !== '') {
      const entry = await this.#store.get(RECORDS + ref);
      return entry === undefined ? [] : [JSON.parse(entry.value) as HistoryRecord];
    }
    return (await this.#store.list(RECORDS)).entries.map(({ value }) => JSON.parse(value) as HistoryRecord);
  }

  async #bound(nowNs: bigint): Promise<void> {
    const loose = (await this.#records('')).filter(({ isPinned }) => !isPinned).sort((left, right) => Number(BigInt(right.createdNs) - BigInt(left.createdNs)));
    for (const [index, record] of loose.entries()) {
      const isOld = nowNs - BigInt(record.completedNs ?? record.createdNs) > KEEP_NS;
      if (index >= MOST_YOUNG_RECORDS || (index >= MOST_RECORDS && isOld)) await this.#forget(record);
    }
  }

  async #forget(record: HistoryRecord): Promise<void> {
    for (const key of [RECORDS + record.ref, LOGS + record.ref]) {
      await this.#store.delete(key).catch((thrown: unknown) => {
        if (!isKind(thrown, 'not-found')) throw thrown;
      });
    }
    this.#tell({ kind: 'deleted', record });
  }

  #tell(event: HistoryEvent): void {
    for (const tell of this.#followers) tell(event);
  }
}

/** `ref=ID` and `status=completed|error`, of which one has to hold; `==` and `!=` too. */
function filterOf(filters: readonly string[]): (record: HistoryRecord) => boolean {
  const tests = filters.map((filter): ((record: HistoryRecord) => boolean) => {
    const [, name = '', operator = '', value = ''] = /^(\w+)(!=|==|=)(.*)$/.exec(filter) ?? [];
    const holds = operator !== '!=';
    if (name === 'ref') return ({ ref }) => (ref === value) === holds;
    if (name === 'status') return ({ error }) => ((error === undefined ? 'completed' : 'error') === value) === holds;
    throw new GantryError('invalid', `unsupported filter ${JSON.stringify(filter)}`, { hint: 'builds can be chosen by ref and by status' });
  });
  return (record) => tests.length === 0 || tests.some((test) => test(record));
}
