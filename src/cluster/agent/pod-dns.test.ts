import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { dnsOf } from './pod-dns.ts';

const ZONE = { zone: 'cluster.local', server: '10.96.0.10' };
const DOMAINS = ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'];
const asked = { nameservers: ['192.0.2.53'], searches: ['example.org', 'cluster.local'], options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }] };

for (const [what, spec, expected] of [
  ['names of the cluster come first, where nothing is said', {}, { served: true, servers: [], search: DOMAINS, options: ['ndots:5'] }],
  ['what the pod adds comes after, and its options count', { dnsConfig: asked }, { served: true, servers: ['192.0.2.53'], search: [...DOMAINS, 'example.org'], options: ['ndots:2', 'edns0'] }],
  ['a pod in the host\'s network has the host\'s', { hostNetwork: true }, { servers: [], search: [], options: [] }],
  ['unless it says otherwise: then it asks the service for names', { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }, { servers: ['10.96.0.10'], search: DOMAINS, options: ['ndots:5'] }],
  ['the host\'s may be asked for', { dnsPolicy: 'Default' }, { servers: [], search: [], options: [] }],
  ['and nothing but the pod\'s own', { dnsPolicy: 'None', dnsConfig: asked }, { servers: ['192.0.2.53'], search: ['example.org', 'cluster.local'], options: ['ndots:2', 'edns0'] }],
  ['of which none is a domain of the host', { dnsPolicy: 'None', dnsConfig: { nameservers: ['192.0.2.53'] } }, { servers: ['192.0.2.53'], search: ['.'], options: [] }],
] as const) test(what, () => assert.deepEqual(dnsOf({ metadata: { name: 'p', namespace: 'shop' }, spec } as unknown as KubeObject, ZONE), expected));
