import type { Timers } from '#base/clock.ts';
import type { JsonObject } from '#base/json.ts';
import { asJson, type KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import { type ObjectChange, type ObjectStore, type ObjectWatch, withVersion } from './object-store.ts';
import { badRequest } from './refusals.ts';
import { renderStatus } from './status.ts';

export interface WatchRequest {
  readonly of: ResourceDefinition;
  readonly namespace: string | undefined;
  readonly matches: (object: KubeObject) => boolean;
  /** As asked: empty and `0` begin with what is there. */
  readonly resourceVersion: string;
  readonly sendInitialEvents: boolean;
  readonly bookmarks: boolean;
  readonly timeoutSeconds: number;
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';

export interface WatchEvent {
  readonly type: WatchEventType;
  readonly object: JsonObject;
}

const BOOKMARK_EVERY_MS = 60_000;

/**
 * The events of a watch (kubernetes.io, API concepts, "Efficient detection of changes"): what is there first where that is
 * asked for, then every change, as this watcher's selectors see it; bookmarks in between; ends with its time, and at once
 * for one who leaves.
 */
export function watchEvents(objects: ObjectStore, timers: Timers, request: WatchRequest): AsyncGenerator<WatchEvent> {
  let [watch, isLeft]: [ObjectWatch | undefined, boolean] = [undefined, false];
  const events = eventsOf(objects, timers, request, (opened) => {
    watch = opened;
    if (isLeft) opened.close();
  });
  // A generator that waits for its next event would not hear of it before that event.
  const leave = (): void => {
    isLeft = true;
    watch?.close();
  };
  return {
    next: () => events.next(),
    return: (value: unknown) => {
      leave();
      return events.return(value);
    },
    throw: (thrown: unknown) => {
      leave();
      return events.throw(thrown);
    },
    [Symbol.asyncIterator]() { return this; },
    async [Symbol.asyncDispose]() { await this.return(undefined); },
  };
}

async function* eventsOf(objects: ObjectStore, timers: Timers, request: WatchRequest, onOpen: (watch: ObjectWatch) => void): AsyncGenerator<WatchEvent> {
  const start = await startOf(objects, request);
  for (const object of start.initial) yield { type: 'ADDED', object: asJson(object) };
  if (request.sendInitialEvents) yield bookmark(request.of, String(start.revision), true);
  const watch = objects.watch(request.of, request.namespace, start.revision);
  onOpen(watch);
  try {
    yield* follow(watch, timers, request);
  } catch (thrown) {
    yield { type: 'ERROR', object: renderStatus(thrown).body };
  } finally {
    watch.close();
  }
}

async function startOf(objects: ObjectStore, { of, namespace, matches, resourceVersion, sendInitialEvents }: WatchRequest): Promise<{ initial: readonly KubeObject[]; revision: number }> {
  if (!/^\d*$/.test(resourceVersion)) throw badRequest(`invalid resource version: ${JSON.stringify(resourceVersion)}`);
  const asked = Number(resourceVersion);
  if (asked > 0 && !sendInitialEvents) return { initial: [], revision: asked };
  const list = await objects.list(of, namespace);
  return { initial: list.items.filter(matches), revision: Number(list.resourceVersion) };
}

async function* follow(watch: ObjectWatch, timers: Timers, request: WatchRequest): AsyncGenerator<WatchEvent> {
  const alarm = new Alarm(timers, request.timeoutSeconds * 1000);
  const batches = watch[Symbol.asyncIterator]();
  try {
    let next = batches.next();
    for (;;) {
      const which = await nextOf(next, alarm);
      if (which === 'batch') {
        const { done, value } = await next;
        if (done === true) return;
        for (const change of value) {
          const event = eventOf(change, request.matches);
          if (event !== undefined) yield event;
        }
        next = batches.next();
      } else {
        alarm.heard();
        if (request.bookmarks) yield bookmark(request.of, String(watch.position()), false);
        if (which === 'over') {
          next.catch(() => {});
          return;
        }
      }
    }
  } finally {
    alarm.close();
  }
}

/** A change as one sees it who sees only what matches: what comes to match is added, what ceases to is deleted. */
function eventOf({ object, previous, resourceVersion }: ObjectChange, matches: (object: KubeObject) => boolean): WatchEvent | undefined {
  const was = previous !== undefined && matches(previous);
  const is = object !== undefined && matches(object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: asJson(object) };
  return was ? { type: 'DELETED', object: asJson(withVersion(previous, resourceVersion)) } : undefined;
}

function bookmark({ group, version, kind }: ResourceDefinition, resourceVersion: string, endsInitial: boolean): WatchEvent {
  return {
    type: 'BOOKMARK',
    object: { kind, apiVersion: joinApiVersion(group, version), metadata: { resourceVersion, creationTimestamp: null, ...(endsInitial ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}) } },
  };
}

/** A race would leave something behind at the alarm with each batch, until it rings. */
function nextOf(batch: Promise<unknown>, alarm: Alarm): Promise<'batch' | 'bookmark' | 'over'> {
  return new Promise((resolve, reject) => {
    alarm.tell(resolve);
    batch.then(() => resolve('batch'), reject);
  });
}

/** Rings for bookmarks again and again, and once for the end. */
class Alarm {
  readonly #timers: Timers;
  #left: number;
  #cancel: (() => void) | undefined;
  #rang: 'bookmark' | 'over' | undefined;
  #tell: (ring: 'bookmark' | 'over') => void = () => {};

  constructor(timers: Timers, totalMs: number) {
    this.#timers = timers;
    this.#left = totalMs;
  }

  /** Whoever asked last is told of the next ring, also where it was before. */
  tell(listener: (ring: 'bookmark' | 'over') => void): void {
    this.#tell = listener;
    if (this.#rang !== undefined) this.#ring(this.#rang);
    else if (this.#cancel === undefined) this.#arm();
  }

  close(): void {
    this.#cancel?.();
    this.#tell = () => {};
  }

  #arm(): void {
    const delay = Math.min(this.#left, BOOKMARK_EVERY_MS);
    this.#left -= delay;
    this.#cancel = this.#timers.after(delay, () => {
      this.#cancel = undefined;
      this.#ring(this.#left <= 0 ? 'over' : 'bookmark');
    });
  }

  /** Told to one who has been told of a batch already, it is kept for the next. */
  #ring(ring: 'bookmark' | 'over'): void {
    this.#rang = ring;
    this.#tell(ring);
  }

  /** The ring was heard. */
  heard(): void {
    this.#rang = undefined;
  }
}
