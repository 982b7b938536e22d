import type { Controller } from '#cluster/loop/controller.ts';
import { cronJobController } from './cron-job.ts';
import { daemonSetController } from './daemon-set.ts';
import { deploymentController } from './deployment.ts';
import { disruptionController } from './disruption.ts';
import { ephemeralVolumeController } from './ephemeral-volume.ts';
import { eventExpiryController } from './event-expiry.ts';
import { jobController } from './job.ts';
import { nodeTaintsController } from './node-taints.ts';
import { replicaSetController, replicationControllerController } from './replica-set.ts';
import { statefulSetController } from './stateful-set.ts';
import { ttlAfterFinishedController } from './ttl-after-finished.ts';
import { volumeBindingController } from './volume-binding.ts';

/** Those that make pods of what people write, and tidy up after them. */
export const workloadControllers: readonly Controller[] = [
  deploymentController, replicaSetController, replicationControllerController, statefulSetController, daemonSetController, jobController, cronJobController, ttlAfterFinishedController,
  disruptionController, volumeBindingController, ephemeralVolumeController, eventExpiryController, nodeTaintsController,
];
