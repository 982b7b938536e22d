import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { isAlias } from '#net/dns/alias.ts';
import { RCODE, TYPE, type Query } from '#net/dns/message.ts';
import { parseCidr } from '#net/cidr.ts';
import { formatIp } from '#net/ip.ts';
import { clusterNames } from './cluster-names.ts';

const service = (name: string, spec: object): KubeObject => ({ kind: 'Service', metadata: { name, namespace: 'shop' }, spec }) as unknown as KubeObject;
const services = new Map([
  service('web', { clusterIP: '10.96.0.7', ports: [{ name: 'http', port: 80 }, { name: 'dns', protocol: 'UDP', port: 53 }] }), service('db', { clusterIP: 'None' }), service('empty', { clusterIP: 'None' }),
  service('out', { type: 'ExternalName', externalName: 'example.com.' }),
].map((each) => [`shop/${each.metadata.name}`, each]));
const slices = new Map([['shop/db', [{
  addressType: 'IPv4', ports: [{ name: 'pg', port: 5432 }],
  endpoints: [{ addresses: ['10.1.0.1'], hostname: 'db-0' }, { addresses: ['10.1.0.2'] }, { addresses: ['10.1.0.3'], hostname: 'db-9', conditions: { ready: false } }],
}, { addressType: 'IPv6', ports: [{ name: 'pg', port: 5432 }], endpoints: [{ addresses: ['fd00::1'], hostname: 'db-0' }] }] as unknown as readonly KubeObject[]]]);
const resolve = clusterNames({
  zone: 'cluster.local', range: parseCidr('10.96.0.0/16'), objects: {
    service: (namespace, name) => services.get(`${namespace}/${name}`), slices: (key) => slices.get(key) ?? [], hasNamespace: (name) => name === 'shop', hasPod: (namespace, address) => namespace === 'shop' && address === '10.1.0.1',
    servicesAt: (address) => (address === '10.96.0.7' ? ['shop/web'] : address.startsWith('10.1.0.') ? ['shop/db', 'shop/web'] : []),
  },
});

/** What is answered, each on a line; or why nothing is. */
function ask(name: string, type: keyof typeof TYPE = 'a', turn = 0): string {
  const found = resolve({ id: 1, name, type: TYPE[type], recursionDesired: true, udpBytes: 512, question: new Uint8Array() } satisfies Query, turn);
  if (found === undefined) return 'others';
  if (isAlias(found)) return `alias ${found.target}`;
  if (found.rcode !== RCODE.ok) return found.rcode === RCODE.noSuchName ? 'no such name' : String(found.rcode);
  return found.resources.map((each) => each.kind === 'address' ? formatIp(each.ip) : each.kind === 'server' ? `${each.name}:${each.port}` : each.kind === 'text' ? each.text : each.name).join(' ') || 'nothing';
}

for (const [what, ...questions] of [
  ['a service has its address', ['web.shop.svc.cluster.local', 'a', '10.96.0.7'], ['web.shop.svc.cluster.local', 'aaaa', 'nothing'], ['web.shop.svc.cluster.local', 'any', '10.96.0.7']],
  ['its ports are servers, by name and protocol', ['_http._tcp.web.shop.svc.cluster.local', 'srv', 'web.shop.svc.cluster.local:80'], ['_dns._udp.web.shop.svc.cluster.local', 'srv', 'web.shop.svc.cluster.local:53'],
    ['_http._udp.web.shop.svc.cluster.local', 'srv', 'no such name'], ['web.shop.svc.cluster.local', 'srv', 'web.shop.svc.cluster.local:80 web.shop.svc.cluster.local:53'], ['_http._tcp.web.shop.svc.cluster.local', 'a', 'nothing']],
  ['a headless service has the addresses of those who are ready', ['db.shop.svc.cluster.local', 'a', '10.1.0.1 10.1.0.2'], ['db.shop.svc.cluster.local', 'aaaa', 'fd00::1'], ['empty.shop.svc.cluster.local', 'a', 'no such name']],
  ['each of them has a name', ['db-0.db.shop.svc.cluster.local', 'a', '10.1.0.1'], ['db-0.db.shop.svc.cluster.local', 'aaaa', 'fd00::1'], ['10-1-0-2.db.shop.svc.cluster.local', 'a', '10.1.0.2'], ['db-9.db.shop.svc.cluster.local', 'a', 'no such name'], ['x.web.shop.svc.cluster.local', 'a', 'no such name']],
  ['and is a server', ['_pg._tcp.db.shop.svc.cluster.local', 'srv', 'db-0.db.shop.svc.cluster.local:5432 10-1-0-2.db.shop.svc.cluster.local:5432 db-0.db.shop.svc.cluster.local:5432']],
  ['a name of others is an alias, whatever is asked', ['out.shop.svc.cluster.local', 'a', 'alias example.com'], ['out.shop.svc.cluster.local', 'txt', 'alias example.com'], ['x.out.shop.svc.cluster.local', 'a', 'no such name']],
  ['a pod has the name of its address', ['10-1-0-1.shop.pod.cluster.local', 'a', '10.1.0.1'], ['10-1-0-9.shop.pod.cluster.local', 'a', 'no such name'], ['10-1-0-1.other.pod.cluster.local', 'a', 'no such name']],
  ['addresses have names', ['7.0.96.10.in-addr.arpa', 'ptr', 'web.shop.svc.cluster.local'], ['1.0.1.10.in-addr.arpa', 'ptr', 'db-0.db.shop.svc.cluster.local'], ['2.0.1.10.in-addr.arpa', 'ptr', '10-1-0-2.db.shop.svc.cluster.local'], ['8.0.96.10.in-addr.arpa', 'ptr', 'no such name'], ['1.2.0.192.in-addr.arpa', 'ptr', 'others']],
  ['the zone is nobody else\'s', ['nobody.shop.svc.cluster.local', 'a', 'no such name'], ['web.other.svc.cluster.local', 'a', 'no such name'], ['x.cluster.local', 'a', 'no such name'], ['cluster.local', 'a', 'nothing'], ['svc.cluster.local', 'a', 'nothing'], ['shop.svc.cluster.local', 'a', 'nothing'], ['other.svc.cluster.local', 'a', 'no such name']],
  ['all other names are', ['example.com', 'a', 'others'], ['web.shop', 'a', 'others'], ['notcluster.local', 'a', 'others']],
  ['the version of the schema is told', ['dns-version.cluster.local', 'txt', '1.1.0'], ['dns-version.cluster.local', 'a', 'nothing']],
] as const) test(what, () => {
  for (const [name, type, expected] of questions) assert.equal(ask(name, type), expected, `${type} ${name}`);
});

test('of several addresses each comes first in its turn', () => {
  assert.equal(ask('db.shop.svc.cluster.local', 'a', 1), '10.1.0.2 10.1.0.1');
});
