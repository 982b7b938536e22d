import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ContainerId } from '#container/model/ids.ts';
import type { ObservedContainer } from './observed.ts';
import { planPod, type PodObservation, type PodPlan, type ProbeState } from './plan.ts';

const NOW = 1_000_000;
const SANDBOX = made('POD', 'running');

function made(name: string, state: ObservedContainer['state'], more: Partial<ObservedContainer> = {}): ObservedContainer {
  return { id: `${name}-${more.attempt ?? 0}` as ContainerId, name, attempt: 0, state, exitCode: 0, startedMs: NOW - 1000, finishedMs: state === 'exited' ? NOW : undefined, oomKilled: false, error: '', imageId: 'i', resources: { cpuShares: 2 }, address: undefined, ...more };
}

function pod(spec: object, more: { deleted?: boolean; phase?: string; reason?: string } = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'd', uid: 'u', ...(more.deleted === true ? { deletionTimestamp: 'now', deletionGracePeriodSeconds: 7 } : {}) }, spec, status: more.phase === undefined ? {} : { phase: more.phase, ...(more.reason === undefined ? {} : { reason: more.reason }) } } as unknown as KubeObject;
}

function plan(of: KubeObject, containers: readonly ObservedContainer[], more: Partial<PodObservation> = {}): PodPlan {
  return planPod({ pod: of, containers, probes: new Map(), heldUntilMs: new Map(), isServed: false, isResizeHeld: false, nowMs: NOW, ...more });
}

const brief = ({ actions, againAfterMs }: PodPlan): string => [...actions.map((action) => action.kind === 'run' ? `run ${action.container.name} ${action.attempt}${action.target === undefined ? '' : ` in ${action.target}`}` : action.kind === 'start-sandbox' ? `sandbox ${action.attempt}` : action.kind === 'release' ? 'release' : action.kind === 'resize' ? `resize ${action.id}` : action.kind === 'stop' ? `stop ${action.id} ${action.graceSeconds}` : `remove ${action.id}`), ...(againAfterMs === undefined ? [] : [`again ${againAfterMs}`])].join(', ');
const two = { containers: [{ name: 'a' }, { name: 'b' }] };
const withInit = { initContainers: [{ name: 'i1' }, { name: 'i2' }], containers: [{ name: 'a' }] };
const withSidecar = { initContainers: [{ name: 's', restartPolicy: 'Always' }, { name: 'i' }], containers: [{ name: 'a' }] };
const debugged = { ...withInit, ephemeralContainers: [{ name: 'd' }, { name: 'e', targetContainerName: 'a' }] };
const patient = { containers: [{ name: 'a', livenessProbe: { terminationGracePeriodSeconds: 3 }, startupProbe: { terminationGracePeriodSeconds: 4 } }] };
const limited = (more: object = {}, policy = 'Always'): KubeObject => pod({ containers: [{ name: 'a', resources: { limits: { cpu: '1', memory: '1Mi' } }, ...more }], restartPolicy: policy });
const RESTARTS = { resizePolicy: [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }] };
const [SMALL, SLOW] = [{ resources: { cpuShares: 1024, nanoCpus: 1e9, memoryBytes: 1024 } }, { resources: { cpuShares: 512, nanoCpus: 5e8, memoryBytes: 2 ** 20 } }];
const RULES = [{ action: 'Restart', exitCodes: { operator: 'In', values: [42, 43] } }];
const probed = (id: string, state: Partial<ProbeState>): Partial<PodObservation> => ({ probes: new Map([[id as ContainerId, { started: true, ready: true, alive: true, ...state }]]) });

test('a plan names what is started again later, by the run that ended', () => {
  const held = (...containers: ObservedContainer[]): unknown => plan(pod(two), [SANDBOX, ...containers]).heldBack;
  assert.deepEqual(held(made('a', 'exited', { attempt: 1 }), made('b', 'running')), [{ container: 'a', run: 'a-1' }]);
  assert.equal(held(made('a', 'exited'), made('b', 'running')), undefined, 'the first time at once');
});

for (const [what, of, containers, more, expected] of [
  ['a new pod gets its sandbox', pod(two), [], {}, 'sandbox 0'],
  ['then all its containers at once', pod(two), [SANDBOX], {}, 'run a 0, run b 0'],
  ['and is left alone while they run', pod(two), [SANDBOX, made('a', 'running'), made('b', 'running')], {}, ''],
  ['init containers come one by one', pod(withInit), [SANDBOX], {}, 'run i1 0'],
  ['the next when the last has ended well', pod(withInit), [SANDBOX, made('i1', 'exited')], {}, 'run i2 0'],
  ['then the others', pod(withInit), [SANDBOX, made('i1', 'exited'), made('i2', 'exited')], {}, 'run a 0'],
  ['an init container that failed is tried again', pod(withInit), [SANDBOX, made('i1', 'exited', { exitCode: 1 })], {}, 'run i1 1'],
  ['and not where nothing is', pod({ ...withInit, restartPolicy: 'Never' }), [SANDBOX, made('i1', 'exited', { exitCode: 1 })], {}, ''],
  ['a sidecar is not waited for to its end', pod(withSidecar), [SANDBOX, made('s', 'running')], {}, 'run i 0'],
  ['but to its start', pod(withSidecar), [SANDBOX, made('s', 'running')], probed('s-0', { started: false }), ''],
  ['a sidecar that ended is started again, later ones are not undone', pod(withSidecar), [SANDBOX, made('s', 'exited'), made('i', 'exited'), made('a', 'running')], {}, 'run s 1'],
  ['what ended is started again at once, the first time', pod(two), [SANDBOX, made('a', 'exited', { exitCode: 3 }), made('b', 'running')], {}, 'run a 1'],
  ['and later the next time', pod(two), [SANDBOX, made('a', 'exited', { attempt: 1 }), made('b', 'running')], {}, 'again 10000'],
  ['twice as late each time', pod(two), [SANDBOX, made('a', 'exited', { attempt: 3 }), made('b', 'running')], {}, 'again 40000'],
  ['up to five minutes', pod(two), [SANDBOX, made('a', 'exited', { attempt: 30 }), made('b', 'running')], {}, 'again 300000'],
  ['a long run starts over', pod(two), [SANDBOX, made('a', 'exited', { attempt: 5, startedMs: NOW - 700_000 }), made('b', 'running')], {}, 'run a 6'],
  ['what ended well stays so where only failures count', pod({ ...two, restartPolicy: 'OnFailure' }), [SANDBOX, made('a', 'exited'), made('b', 'exited', { exitCode: 1 })], {}, 'run b 1'],
  ['nothing comes back where nothing should', pod({ ...two, restartPolicy: 'Never' }), [SANDBOX, made('a', 'exited'), made('b', 'exited', { exitCode: 1 })], {}, ''],
  ['its own policy goes before that of the pod', pod({ containers: [{ name: 'a', restartPolicy: 'Never' }, { name: 'b', restartPolicy: 'OnFailure' }] }), [SANDBOX, made('a', 'exited', { exitCode: 1 }), made('b', 'exited', { exitCode: 1 })], {}, 'run b 1'],
  ['its rules go before both', pod({ restartPolicy: 'Never', containers: [{ name: 'a', restartPolicy: 'Never', restartPolicyRules: RULES }, { name: 'b', restartPolicy: 'Never', restartPolicyRules: RULES }] }), [SANDBOX, made('a', 'exited', { exitCode: 42 }), made('b', 'exited', { exitCode: 1 })], {}, 'run a 1'],
  ['also of an init container', pod({ restartPolicy: 'Never', initContainers: [{ name: 'i', restartPolicy: 'Never', restartPolicyRules: RULES }], containers: [{ name: 'a' }] }), [SANDBOX, made('i', 'exited', { exitCode: 43 })], {}, 'run i 1'],
  ['an init container of its own policy is not tried again', pod({ initContainers: [{ name: 'i', restartPolicy: 'Never' }], containers: [{ name: 'a' }] }), [SANDBOX, made('i', 'exited', { exitCode: 1 })], {}, ''],
  ['one that is not alive is stopped', pod(two), [SANDBOX, made('a', 'running'), made('b', 'running')], probed('a-0', { alive: false }), 'stop a-0 30'],
  ['one that does not start is stopped with the grace of that probe', pod(patient), [SANDBOX, made('a', 'running')], probed('a-0', { started: false, alive: false }), 'stop a-0 4'],
  ['and one that is not alive with that of the other', pod(patient), [SANDBOX, made('a', 'running')], probed('a-0', { alive: false }), 'stop a-0 3'],
  ['an ephemeral container waits for nobody but its target', pod(debugged), [SANDBOX, made('i1', 'running')], {}, 'run d 0'],
  ['and sees the processes of that', pod(debugged), [SANDBOX, made('i1', 'exited'), made('i2', 'exited'), made('a', 'running', { attempt: 1 }), made('d', 'running')], {}, 'run e 0 in a-1'],
  ['it runs once', pod(debugged), [SANDBOX, made('i1', 'exited'), made('i2', 'exited'), made('a', 'running'), made('d', 'exited'), made('e', 'exited', { exitCode: 1 })], {}, ''],
  ['one that was made and never started is made again, too', pod(debugged), [SANDBOX, made('i1', 'running'), made('d', 'created')], {}, 'run d 1'],
  ['one that the node has to let go has a second', pod(two, { phase: 'Failed', reason: 'Evicted' }), [SANDBOX, made('a', 'running')], {}, 'stop a-0 1'],
  ['or what it is given, where that can wait', pod(two, { phase: 'Failed', reason: 'Evicted' }), [SANDBOX, made('a', 'running')], { evictionGraceSeconds: 20 }, 'stop a-0 20'],
  ['it ends with the pod', pod(debugged, { phase: 'Succeeded' }), [SANDBOX, made('a', 'exited'), made('d', 'running')], {}, 'stop d-0 30'],
  ['one that is to have other resources gets them', limited(), [SANDBOX, made('a', 'running', SMALL)], {}, 'resize a-0'],
  ['not while the node has no room', limited(), [SANDBOX, made('a', 'running', SMALL)], { isResizeHeld: true }, ''],
  ['nor right after a failure', limited(), [SANDBOX, made('a', 'running', SMALL)], { heldUntilMs: new Map([['resize of a', NOW + 500]]) }, 'again 500'],
  ['some by a new start', limited(RESTARTS), [SANDBOX, made('a', 'running', SMALL)], {}, 'stop a-0 30'],
  ['which is at once', limited(RESTARTS), [SANDBOX, made('a', 'exited', { ...SMALL, attempt: 4 })], {}, 'run a 5'],
  ['and where only failures count, too', limited(RESTARTS, 'OnFailure'), [SANDBOX, made('a', 'exited', SMALL)], {}, 'run a 1'],
  ['and only for those resources', limited(RESTARTS), [SANDBOX, made('a', 'running', SLOW)], {}, 'resize a-0'],
  ['one that could not be made waits', pod(two), [SANDBOX, made('b', 'running')], { heldUntilMs: new Map([['a', NOW + 500]]) }, 'again 500'],
  ['without its sandbox all ends', pod(two), [made('POD', 'exited'), made('a', 'running')], {}, 'stop a-0 0'],
  ['and begins anew', pod(two), [made('POD', 'exited'), made('a', 'exited')], {}, 'remove POD-0, sandbox 1'],
  ['one that was made and never started is made again', pod(two), [SANDBOX, made('a', 'created'), made('b', 'running')], {}, 'run a 1'],
  ['of many runs two are kept', pod(two), [SANDBOX, made('a', 'exited', { attempt: 0 }), made('a', 'exited', { attempt: 1 }), made('a', 'running', { attempt: 2 }), made('b', 'running')], {}, 'remove a-0'],
  ['a deleted pod ends its containers with their grace', pod(two, { deleted: true }), [SANDBOX, made('a', 'running'), made('b', 'exited')], {}, 'stop a-0 7'],
  ['sidecars after them', pod(withSidecar, { deleted: true }), [SANDBOX, made('s', 'running'), made('a', 'exited')], {}, 'stop s-0 7'],
  ['the sandbox last', pod(two, { deleted: true }), [SANDBOX, made('a', 'exited')], {}, 'stop POD-0 0'],
  ['then all goes', pod(two, { deleted: true }), [made('POD', 'exited'), made('a', 'exited')], {}, 'remove POD-0, remove a-0'],
  ['and the object with it', pod(two, { deleted: true }), [], {}, 'release'],
  ['a pod that is over lets go of its sandbox and keeps its logs', pod(two, { phase: 'Succeeded' }), [SANDBOX, made('a', 'exited')], {}, 'stop POD-0 0'],
  ['and that is all', pod(two, { phase: 'Failed' }), [made('POD', 'exited'), made('a', 'exited')], {}, ''],
] as readonly (readonly [string, KubeObject, readonly ObservedContainer[], Partial<PodObservation>, string])[]) {
  test(`a pod: ${what}`, () => assert.equal(brief(plan(of, containers, more)), expected));
}

test('whatever is there, a plan that is carried out comes to rest, and a deleted pod leaves nothing', () => {
  const state = fc.constantFrom<ObservedContainer['state']>('created', 'running', 'exited');
  const one = (name: string): fc.Arbitrary<ObservedContainer | undefined> => fc.option(fc.record({ state, attempt: fc.nat(3), exitCode: fc.nat(1) }), { nil: undefined }).map((drawn) => drawn === undefined ? undefined : made(name, drawn.state, { attempt: drawn.attempt, exitCode: drawn.exitCode }));
  fc.assert(fc.property(one('POD'), one('s'), one('i'), one('a'), fc.boolean(), fc.constantFrom('Always', 'OnFailure', 'Never'), (sandbox, sidecar, init, own, deleted, restartPolicy) => {
    const of = pod({ ...withSidecar, restartPolicy }, { deleted });
    let containers = [sandbox, sidecar, init, own].filter((each) => each !== undefined);
    for (let step = 0; step < 60; step += 1) {
      const { actions } = plan(of, containers, { nowMs: NOW + step * 400_000 });
      if (actions.some(({ kind }) => kind === 'release')) return assert.deepEqual(containers, []);
      if (actions.length === 0) return assert.equal(deleted, false);
      for (const action of actions) {
        if (action.kind === 'start-sandbox') containers = [...containers, made('POD', 'running', { attempt: action.attempt })];
        if (action.kind === 'run') containers = [...containers, made(action.container.name, action.container.name === 'i' ? 'exited' : 'running', { attempt: action.attempt })];
        if (action.kind === 'stop') containers = containers.map((each) => each.id === action.id ? { ...each, state: 'exited' as const, finishedMs: NOW } : each);
        if (action.kind === 'remove') containers = containers.filter(({ id }) => id !== action.id);
      }
    }
    assert.fail(`no rest: ${JSON.stringify(containers.map(({ id, state: is }) => [id, is]))}`);
  }));
});

test('a pod that services lead to is told to end when they no longer do, and within bounds', () => {
  const deleted = pod(two);
  const asked = (secondsAgo: number): KubeObject => ({ ...deleted, metadata: { ...deleted.metadata, deletionTimestamp: new Date(NOW - secondsAgo * 1000 + 7000).toISOString(), deletionGracePeriodSeconds: 7 } });
  const running = [SANDBOX, made('a', 'running')];
  assert.equal(brief(plan(asked(1), running, { isServed: true })), 'again 4000');
  assert.equal(brief(plan(asked(1), running, { isServed: false })), 'stop a-0 7');
  assert.equal(brief(plan(asked(5), running, { isServed: true })), 'stop a-0 7');
  const hurried = { ...asked(0), metadata: { ...asked(0).metadata, deletionTimestamp: new Date(NOW).toISOString(), deletionGracePeriodSeconds: 0 } };
  assert.equal(brief(plan(hurried, running, { isServed: true })), 'stop a-0 0');
});
