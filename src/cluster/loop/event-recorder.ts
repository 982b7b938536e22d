import { isKind } from '#base/error.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import { timeText } from '#cluster/kinds/object.ts';
import type { ClusterWriter } from './cluster-writer.ts';
import type { Write } from './controller.ts';
import { eventObject } from './event-object.ts';

type Told = Extract<Write, { kind: 'event' }>;

/** So many events are known again; of those that were told longest ago, the next is a new one. */
const MOST_KNOWN = 1000;

interface Known {
  /** As it was written last; its place in the queue of those who tell the same. */
  turn: Promise<KubeObject | undefined>;
}

/** Writes events down. What is told again is counted on the one that is there, so that a pod that fails for days has one event and not thousands (client-go, tools/record). */
export class EventRecorder {
  readonly #writer: ClusterWriter;
  readonly #known = new Map<string, Known>();

  constructor(writer: ClusterWriter) {
    this.#writer = writer;
  }

  /** @param of `v1` events. @returns undefined where it could not be written, as in a namespace that goes: no reason for anybody to stop */
  async tell(of: ResourceDefinition, component: string, told: Told, nowMs: number): Promise<KubeObject | undefined> {
    const key = keyOf(component, told);
    const known = this.#known.get(key) ?? { turn: Promise.resolve(undefined) };
    this.#known.delete(key);
    this.#known.set(key, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MOST_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    known.turn = known.turn.then(async (last) => await this.#write(of, component, told, last, nowMs)).catch(() => undefined);
    return await known.turn;
  }

  async #write(of: ResourceDefinition, component: string, told: Told, last: KubeObject | undefined, nowMs: number): Promise<KubeObject> {
    if (last !== undefined) {
      try {
        return await this.#writer.update(of, { ...last, count: Number(last['count'] ?? 1) + 1, lastTimestamp: timeText(nowMs) } as KubeObject, undefined);
      } catch (thrown) {
        // It is older than events are kept, or somebody else's hand was on it.
        if (!isKind(thrown, 'not-found', 'conflict')) throw thrown;
      }
    }
    return await this.#writer.create(of, told.about.metadata.namespace ?? 'default', eventObject(component, told, nowMs));
  }
}

function keyOf(component: string, { about, fieldPath, type, reason, message }: Told): string {
  const { namespace, name, uid } = about.metadata;
  return JSON.stringify([component, about.kind, namespace, name, uid, fieldPath, type, reason, message]);
}
