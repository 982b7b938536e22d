import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { builtInResources } from '#cluster/kinds/built-in.ts';
import type { ObjectView } from '../object-view.ts';
import { podTarget, proxyPath, serviceTarget } from './proxy-target.ts';

const object = (kind: string, name: string, { metadata = {}, ...more }: { metadata?: object; [field: string]: unknown }): KubeObject => ({ apiVersion: 'v1', kind, metadata: { name, namespace: 'a', uid: name, ...metadata }, ...more }) as never;
const objects = new Map<string, readonly KubeObject[]>([
  ['pods', [
    object('Pod', 'p', { spec: { containers: [{ name: 'x' }, { name: 'c', ports: [{ containerPort: 8080 }] }] }, status: { podIP: '10.0.0.9' } }),
    object('Pod', 'new', { spec: { containers: [{ name: 'c' }] }, status: {} }),
    object('Pod', 'plain', { spec: { containers: [{ name: 'c' }] }, status: { podIP: '10.0.0.8' } }),
  ]],
  ['services', [
    object('Service', 's', { spec: { ports: [{ name: 'web', port: 80 }, { name: 'tls', port: 443 }] } }), object('Service', 'one', { spec: { ports: [{ name: 'web', port: 80 }] } }), object('Service', 'none', { spec: { ports: [{ port: 80 }] } }),
  ]],
  ['discovery.k8s.io/endpointslices', [
    object('EndpointSlice', 's-1', { metadata: { labels: { 'kubernetes.io/service-name': 's' } }, ports: [{ name: 'web', port: 8080 }, { name: 'tls', port: 8443 }], endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }, { addresses: ['10.0.0.2'], conditions: { ready: false } }, { addresses: ['10.0.0.3'] }] }),
    object('EndpointSlice', 'one-1', { metadata: { labels: { 'kubernetes.io/service-name': 'one' } }, ports: [{ name: 'web', port: 8080 }], endpoints: [{ addresses: ['10.0.0.4'] }] }),
  ]],
]);
const view: ObjectView = { list: (resource: string) => objects.get(resource) ?? [], get: (resource: string, _namespace: string | undefined, name: string) => objects.get(resource)?.find(({ metadata }) => metadata.name === name) } as never;
const of = (plural: string): never => builtInResources.find((each) => each.group === '' && each.plural === plural) as never;
const pod = (text: string): unknown => podTarget(view, of('pods'), 'a', text);
const service = (text: string, turn = 0): unknown => serviceTarget(view, of('services'), 'a', text, turn);

test('a pod is reached at the port that is named, its first one, or that of the scheme', () => {
  assert.deepEqual(pod('p'), { isTls: false, host: '10.0.0.9', port: 8080 });
  assert.deepEqual(pod('https:p:8443'), { isTls: true, host: '10.0.0.9', port: 8443 });
  assert.deepEqual(pod('plain'), { isTls: false, host: '10.0.0.8', port: 80 });
  assert.deepEqual(pod('https:plain:'), { isTls: true, host: '10.0.0.8', port: 443 });
});

test('a service leads to one of those who are ready', () => {
  assert.deepEqual(service('s:web'), { isTls: false, host: '10.0.0.1', port: 8080 });
  assert.deepEqual(service('s:80', 1), { isTls: false, host: '10.0.0.3', port: 8080 });
  assert.deepEqual(service('https:s:tls'), { isTls: true, host: '10.0.0.1', port: 8443 });
  assert.deepEqual(service('one'), { isTls: false, host: '10.0.0.4', port: 8080 });
});

test('who is not there, or named wrongly, is told in upstream\'s words', () => {
  assert.throws(() => pod('ftp:p:1'), { message: 'invalid pod request "ftp:p:1"' });
  assert.throws(() => pod('p:web'), { message: 'invalid pod request "p:web"' });
  assert.throws(() => pod('new'), { message: 'address not allowed' });
  assert.throws(() => pod('gone:80'), { message: 'pods "gone" not found' });
  assert.throws(() => service('s'), { kind: 'unavailable', message: 'no service port "" found for service "s"' });
  assert.throws(() => service('s:99'), { message: 'no service port "99" found for service "s"' });
  assert.throws(() => service('none'), { kind: 'unavailable', message: 'no endpoints available for service "none"' });
  for (const address of ['127.0.0.1', '169.254.169.254', '0.0.0.0', '239.1.1.1', '::1', 'fe80::1']) {
    objects.set('pods', [object('Pod', 'own', { spec: { containers: [] }, status: { podIP: address } })]);
    assert.throws(() => pod('own'), { message: 'address not allowed' }, address);
  }
  assert.throws(() => service('gone'), { message: 'services "gone" not found' });
});

test('what stands behind the proxy is taken as it was written', () => {
  assert.deepEqual(proxyPath('/api/v1/namespaces/a/services/s:80/proxy'), { prefix: '/api/v1/namespaces/a/services/s:80/proxy', rest: '' });
  assert.deepEqual(proxyPath('/api/v1/namespaces/a/pods/p/proxy/'), { prefix: '/api/v1/namespaces/a/pods/p/proxy', rest: '/' });
  assert.deepEqual(proxyPath('/api/v1/namespaces/a/pods/p/proxy/x%2Fy/proxy/'), { prefix: '/api/v1/namespaces/a/pods/p/proxy', rest: '/x%2Fy/proxy/' });
  assert.deepEqual(proxyPath('/api/v1/nodes/n/proxy/a/b/c'), { prefix: '/api/v1/nodes/n/proxy', rest: '/a/b/c' });
});
