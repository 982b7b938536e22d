import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import type { Controller } from '#cluster/loop/controller.ts';
import { countingView } from './counting-view.ts';
import { cronJobController } from './cron-job.ts';
import { daemonSetController } from './daemon-set.ts';
import { deploymentController } from './deployment.ts';
import { jobController } from './job.ts';
import { replicaSetController, replicationControllerController } from './replica-set.ts';
import { SimulatedCluster } from './simulated-cluster.ts';
import { statefulSetController } from './stateful-set.ts';

const podOf = (labels: JsonObject, more: JsonObject = {}): JsonObject => ({ metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }], ...more } });
const selecting = (app: string): JsonObject => ({ selector: { matchLabels: { app } }, template: podOf({ app }) });

const kinds: readonly (readonly [resource: string, controllers: readonly Controller[], spec: (app: string) => JsonObject])[] = [
  ['replicationcontrollers', [replicationControllerController], (app) => ({ replicas: 2, selector: { app }, template: podOf({ app }) })],
  ['apps/replicasets', [replicaSetController], (app) => ({ replicas: 2, ...selecting(app) })],
  ['apps/deployments', [deploymentController, replicaSetController], (app) => ({ replicas: 2, strategy: { type: 'Recreate' }, ...selecting(app) })],
  ['apps/statefulsets', [statefulSetController], (app) => ({ replicas: 2, serviceName: app, podManagementPolicy: 'Parallel', ...selecting(app) })],
  ['apps/daemonsets', [daemonSetController], selecting],
  ['batch/jobs', [jobController], () => ({ parallelism: 2, completions: 2, template: podOf({}, { restartPolicy: 'Never' }) })],
  ['batch/cronjobs', [cronJobController, jobController], () => ({ schedule: '* * * * *', jobTemplate: { spec: { template: podOf({}, { restartPolicy: 'Never' }) } } })],
];

for (const [resource, controllers, spec] of kinds) {
  test(`a look at one of ${resource} costs what is its own, however many there are beside it`, async () => {
    const [few, many] = await Promise.all([3, 30].map(async (count) => {
      const cluster = new SimulatedCluster(controllers);
      await cluster.create('nodes', { metadata: { name: 'n' } });
      for (let index = 0; index < count; index += 1) await cluster.create(resource, { metadata: { name: `w${index}` }, spec: spec(`w${index}`) });
      await cluster.runtime.open();
      await cluster.settle(60);
      // A schedule's first time comes.
      cluster.clock.advance(61_000);
      await cluster.settle(60);
      const { view, seen } = countingView(cluster);
      const [controller] = controllers;
      const own = view.get(resource, 'default', 'w1');
      assert.ok(controller !== undefined && own !== undefined);
      assert.deepEqual(controller.keysFor(resource, own, view), ['default/w1']);
      for (const pod of controller.reads.includes('pods') ? view.ownedBy('pods', own.metadata.uid) : []) controller.keysFor('pods', pod, view);
      controller.reconcile('default/w1', view, Number(cluster.clock.nowNs() / 1_000_000n));
      return seen();
    }));
    assert.equal(many, few);
  });
}
