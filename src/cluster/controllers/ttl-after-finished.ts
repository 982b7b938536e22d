import { keyOf, NOTHING, splitKey, type Controller, type Plan } from '#cluster/loop/controller.ts';
import { jobEnd, jobSpec } from './job-shape.ts';
import { isDeleted } from './owned.ts';

const RESOURCE = 'batch/jobs';

/** Deletes jobs some time after they are over, where they say so. */
export const ttlAfterFinishedController: Controller = {
  name: 'ttl-after-finished-controller',
  reads: [RESOURCE],
  writes: [RESOURCE],
  keysFor: (_resource, object) => jobSpec(object).ttlSecondsAfterFinished === undefined ? [] : [keyOf(object)],
  reconcile(key, view, nowMs): Plan {
    const { namespace, name } = splitKey(key);
    const job = view.get(RESOURCE, namespace, name);
    const ttl = job === undefined ? undefined : jobSpec(job).ttlSecondsAfterFinished;
    const endedMs = job === undefined ? Number.NaN : Date.parse(jobEnd(job)?.lastTransitionTime ?? '');
    if (job === undefined || ttl === undefined || Number.isNaN(endedMs) || isDeleted(job)) return NOTHING;
    const leftMs = endedMs + ttl * 1000 - nowMs;
    return leftMs > 0 ? { writes: [], againAfterMs: leftMs } : { writes: [{ kind: 'delete', resource: RESOURCE, object: job, propagation: 'Foreground', why: `it ended ${ttl} s ago` }] };
  },
};
