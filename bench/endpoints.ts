// `node bench/endpoints.ts [SERVICES [PODS]]`: what it costs the controllers that one pod of many services changes, and to look at all services once; no peer, and nothing is written.
import process from 'node:process';
import { ManualClock } from '#base/manual-clock.ts';
import { ObjectStore } from '#cluster/api/object-store.ts';
import { ResourceRegistry } from '#cluster/api/resource-registry.ts';
import { endpointMirrorController } from '#cluster/controllers/endpoint-mirror.ts';
import { endpointSliceController } from '#cluster/controllers/endpoint-slice.ts';
import { endpointsController } from '#cluster/controllers/endpoints.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { Controller, View } from '#cluster/loop/controller.ts';
import { ObjectCache } from '#cluster/loop/object-cache.ts';
import { MemoryStore } from '#store/memory.ts';
import { quantile } from './measure.ts';

const [SERVICES = 10_000, PODS = 10] = process.argv.slice(2).map(Number);
const CHANGES = 200;
const CONTROLLERS: readonly Controller[] = [endpointSliceController, endpointsController, endpointMirrorController];

const store = new MemoryStore();
const clock = new ManualClock();
const registry = new ResourceRegistry(builtInResources);
const put = async (path: string, object: object): Promise<void> => void await store.create(`registry/${path}`, JSON.stringify(object));
const metadata = (name: string, more: object = {}): object => ({ name, namespace: 'default', uid: name, creationTimestamp: '2026-01-01T00:00:00Z', ...more });
const pod = (service: number, index: number, ready: boolean): object => ({
  apiVersion: 'v1', kind: 'Pod', metadata: metadata(`s${service}-${index}`, { labels: { app: `s${service}`, tier: 'web' } }), spec: { nodeName: 'n', containers: [{ name: 'c', image: 'i' }] },
  status: { phase: 'Running', podIP: `10.${128 + (service >> 12)}.${(service >> 4) & 255}.${(service & 15) * 16 + index}`, conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
for (let service = 0; service < SERVICES; service += 1) {
  const name = `s${service}`;
  await put(`core/services/default/${name}`, { apiVersion: 'v1', kind: 'Service', metadata: metadata(name), spec: { selector: { tier: 'web', app: name }, ports: [{ port: 80 }] } });
  for (let index = 0; index < PODS; index += 1) await put(`core/pods/default/${name}-${index}`, pod(service, index, true));
  await put(`discovery.k8s.io/endpointslices/default/${name}-x`, { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: metadata(`${name}-x`, { labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' } }), addressType: 'IPv4', endpoints: [], ports: [] });
  await put(`core/endpoints/default/${name}`, { apiVersion: 'v1', kind: 'Endpoints', metadata: metadata(name) });
}

const caches = new Map<string, ObjectCache>();
const objects = new ObjectStore(store);
for (const name of ['services', 'pods', 'endpoints', 'discovery.k8s.io/endpointslices']) {
  const of = registry.list().find(({ group, plural }) => name === (group === '' ? plural : `${group}/${plural}`));
  if (of === undefined) throw new TypeError(name);
  const cache = new ObjectCache(of, objects, () => {}, { timers: clock, log: console.error });
  await cache.open();
  caches.set(name, cache);
}
const cache = (name: string): ObjectCache => caches.get(name) as ObjectCache;
const view = Object.freeze<View>(viewOf());

/** All that a change of one object has the controllers look at. */
function react(resource: string, object: KubeObject): void {
  for (const controller of CONTROLLERS) if (controller.reads.includes(resource)) for (const key of controller.keysFor(resource, object, view)) controller.reconcile(key, view, 0);
}

const measured = (run: () => void): { readonly wallMs: number; readonly processorMs: number } => {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  run();
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs: performance.now() - start, processorMs: (user + system) / 1000 };
};
const pods = cache('pods').list('default');
react('pods', pods[0] as KubeObject);
const changes = Array.from({ length: CHANGES }, (_, turn) => measured(() => react('pods', pods[(turn * 7919) % pods.length] as KubeObject)));
const some = cache('services').list('default').slice(0, Math.min(SERVICES, 500));
const services = measured(() => some.forEach((service) => react('services', service)));
console.log(JSON.stringify({
  services: SERVICES, pods: SERVICES * PODS, podChangeMs: { median: quantile(changes.map(({ wallMs }) => wallMs), 0.5), p95: quantile(changes.map(({ wallMs }) => wallMs), 0.95), processor: changes.reduce((sum, { processorMs }) => sum + processorMs, 0) / CHANGES },
  serviceLookMs: services.processorMs / some.length,
}));

function viewOf(): View {
  return {
    list: (name, namespace) => cache(name).list(namespace), get: (name, namespace, object) => cache(name).get(namespace, object),
    byUid: (name, uid) => cache(name).byUid(uid), ownedBy: (name, uid) => cache(name).ownedBy(uid),
    indexed: (name, index, key) => cache(name).indexed(index, key),
  };
}
