import { BUILD_HISTORY_EVENT, BUILD_HISTORY_REQUEST, HISTORY_EVENT_TYPE, UPDATE_BUILD_HISTORY_REQUEST } from '../wire/history.ts';
import type { Init } from '../wire/protobuf.ts';
import type { BuildHistory, HistoryEvent, HistoryRecord } from '../solver/build-history.ts';
import { EMPTY } from '../wire/gateway.ts';
import { timestamp } from './build-progress.ts';
import { serverStream, unary, type Method } from './grpc/server.ts';

/** By which clients tell how long a build that goes on has taken, whatever their own clock says. */
const NOW_HEADER = 'buildkit-current-timestamp';

/** The part of moby.buildkit.v1.Control that `buildx history` calls. */
export function historyMethods(service: string, history: BuildHistory, nowNs: () => bigint): Iterable<readonly [string, Method]> {
  const now = (): Record<string, string> => ({ [NOW_HEADER]: new Date(Number(nowNs() / 1_000_000n)).toISOString() });
  return [
    [`${service}/ListenBuildHistory`, serverStream(BUILD_HISTORY_REQUEST, BUILD_HISTORY_EVENT, async function* ({ ref, activeOnly, earlyExit, filter, limit }, { signal }) {
      const later = new Later(history, signal);
      try {
        for (const event of await history.ask({ ref, activeOnly, filters: filter, limit })) yield eventOf(event);
        if (earlyExit) return;
        for (let event = await later.next(); event !== undefined; event = await later.next()) if (ref === '' || event.record.ref === ref) yield eventOf(event);
      } finally {
        later.end();
      }
    }, now)],
    [`${service}/UpdateBuildHistory`, unary(UPDATE_BUILD_HISTORY_REQUEST, EMPTY, async ({ ref, pinned, delete: isRemoval, finalize }) => {
      if (isRemoval) await history.remove(ref);
      // Of a trace, which is what there would be to finish, nothing is kept.
      else if (!finalize) await history.pin(ref, pinned);
      return {};
    })],
  ];
}

/** What happens from now on, until the client goes. */
class Later {
  readonly #events: HistoryEvent[] = [];
  readonly #signal: AbortSignal;
  readonly #leave: () => void;
  #wake = (): void => {};

  constructor(history: BuildHistory, signal: AbortSignal) {
    this.#signal = signal;
    this.#leave = history.follow((event) => {
      this.#events.push(event);
      this.#wake();
    });
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  async next(): Promise<HistoryEvent | undefined> {
    while (this.#events.length === 0 && !this.#signal.aborted) await new Promise<void>((resolve) => { this.#wake = resolve; });
    return this.#signal.aborted ? undefined : this.#events.shift();
  }

  end(): void {
    this.#leave();
  }
}

function eventOf({ kind, record }: HistoryEvent): Init<typeof BUILD_HISTORY_EVENT> {
  return { type: HISTORY_EVENT_TYPE[kind], record: recordOf(record) };
}

function recordOf({ ref, frontend, attributes, exporters, error, createdNs, completedNs, response, steps, isPinned }: HistoryRecord): NonNullable<Init<typeof BUILD_HISTORY_EVENT>['record']> {
  return {
    ref, frontend, frontendAttrs: new Map(Object.entries(attributes)), exporters: exporters.map(({ type, attributes: attrs }) => ({ type, attrs: new Map(Object.entries(attrs)) })),
    createdAt: timestamp(BigInt(createdNs)), exporterResponse: new Map(Object.entries(response)), pinned: isPinned,
    numTotalSteps: steps.total, numCompletedSteps: steps.completed, numCachedSteps: steps.cached, numWarnings: steps.warnings,
    ...(error === undefined ? {} : { error }), ...(completedNs === undefined ? {} : { completedAt: timestamp(BigInt(completedNs)), result: {} }),
  };
}
