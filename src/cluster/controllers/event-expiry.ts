import type { KubeObject } from '#cluster/kinds/object.ts';
import type { Controller, Plan } from '#cluster/loop/controller.ts';

const RESOURCE = 'events';
const MINUTE_MS = 60_000;
/** Upstream's `--event-ttl`. */
const KEPT_MINUTES = 60;

/** Events are news: an hour after the last word they go. All of one minute are looked at in one go. */
export const eventExpiryController: Controller = {
  name: 'event-expiry',
  reads: [RESOURCE],
  writes: [RESOURCE],
  keysFor: (_resource, event) => [String(minuteOf(event))],
  reconcile(key, view, nowMs): Plan {
    const leftMs = (Number(key) + 1 + KEPT_MINUTES) * MINUTE_MS - nowMs;
    if (leftMs > 0) return { writes: [], againAfterMs: leftMs };
    return { writes: view.list(RESOURCE).filter((event) => String(minuteOf(event)) === key).map((object) => ({ kind: 'delete', resource: RESOURCE, object, why: `it is older than ${KEPT_MINUTES} minutes` })) };
  },
};

/** The minute in which it was last told. */
function minuteOf(event: KubeObject): number {
  const { lastTimestamp, series, metadata } = event as KubeObject & { readonly lastTimestamp?: string | null; readonly series?: { readonly lastObservedTime?: string } | null };
  const times = [metadata.creationTimestamp, lastTimestamp, series?.lastObservedTime].map((time) => Date.parse(time ?? '')).filter((ms) => !Number.isNaN(ms));
  return Math.floor(Math.max(...times) / MINUTE_MS);
}
