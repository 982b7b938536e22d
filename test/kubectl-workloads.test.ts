import assert from 'node:assert/strict';
import { kubectlScenarios } from './world/cluster.ts';

const { scenario, ok, apply, until } = kubectlScenarios('kubectl-workload-scenarios', 'jobs');

const sh = (script: string, more: object = {}): object => ({ name: 'c', image: 'busybox', command: ['sh', '-c', script], ...more });

scenario('an indexed job runs to its end, and goes with its pods', async () => {
  apply({
    apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'sum' },
    spec: { completions: 3, parallelism: 3, completionMode: 'Indexed', template: { spec: { restartPolicy: 'Never', containers: [sh('echo index $JOB_COMPLETION_INDEX on $(hostname)')] } } },
  });
  ok('wait', '--for=condition=complete', 'job/sum', '--timeout=30s');
  assert.deepEqual(ok('logs', '-l', 'job-name=sum').split('\n').sort(), ['index 0 on sum-0', 'index 1 on sum-1', 'index 2 on sum-2']);
  assert.match(ok('get', 'job', 'sum'), /sum +Complete +3\/3/);
  assert.match(ok('describe', 'job', 'sum'), /Normal +Completed .* Job completed/);
  ok('delete', 'job', 'sum');
  await until(() => ok('get', 'pods', '-l', 'job-name=sum', '-o', 'name'), (names) => names === '');
});
