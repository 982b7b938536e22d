import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { serviceVariables } from './service-env.ts';

const service = (namespace: string, name: string, spec: object): KubeObject => ({ metadata: { namespace, name }, spec }) as unknown as KubeObject;
const all = [
  service('default', 'kubernetes', { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443 }] }), service('shop', 'web-front', { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80 }, { name: 'dns-udp', protocol: 'UDP', port: 53 }] }),
  service('shop', 'db', { clusterIP: 'None', ports: [{ port: 1 }] }), service('other', 'x', { clusterIP: '10.96.0.9', ports: [{ port: 1 }] }),
];
const services = { list: (namespace: string | undefined) => all.filter(({ metadata }) => metadata.namespace === namespace), get: (namespace: string | undefined, name: string) => all.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name) };

test('services of the namespace that have an address are named, and the API', () => {
  const variables = serviceVariables(services, 'shop', true);
  assert.deepEqual([...variables].filter(([name]) => !name.startsWith('KUBERNETES')), [
    ['WEB_FRONT_SERVICE_HOST', '10.96.0.7'], ['WEB_FRONT_SERVICE_PORT', '80'], ['WEB_FRONT_SERVICE_PORT_HTTP', '80'], ['WEB_FRONT_SERVICE_PORT_DNS_UDP', '53'], ['WEB_FRONT_PORT', 'tcp://10.96.0.7:80'],
    ['WEB_FRONT_PORT_80_TCP', 'tcp://10.96.0.7:80'], ['WEB_FRONT_PORT_80_TCP_PROTO', 'tcp'], ['WEB_FRONT_PORT_80_TCP_PORT', '80'], ['WEB_FRONT_PORT_80_TCP_ADDR', '10.96.0.7'],
    ['WEB_FRONT_PORT_53_UDP', 'udp://10.96.0.7:53'], ['WEB_FRONT_PORT_53_UDP_PROTO', 'udp'], ['WEB_FRONT_PORT_53_UDP_PORT', '53'], ['WEB_FRONT_PORT_53_UDP_ADDR', '10.96.0.7'],
  ]);
  assert.equal(variables.get('KUBERNETES_SERVICE_HOST'), '10.96.0.1');
});

test('the API is named also where the others are not wanted', () => {
  assert.deepEqual([...serviceVariables(services, 'shop', false).keys()].slice(0, 2), ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT']);
  assert.ok(![...serviceVariables(services, 'shop', false).keys()].some((name) => name.startsWith('WEB')));
});
