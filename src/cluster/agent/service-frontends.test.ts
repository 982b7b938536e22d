import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { frontendsOf, type SliceEndpoint } from './service-frontends.ts';

const service = (spec: object, more: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec: { clusterIP: '10.96.0.7', ports: [{ port: 80 }], ...spec }, ...more }) as unknown as KubeObject;
const slice = (endpoints: readonly SliceEndpoint[], ports: readonly object[] = [{ name: '', protocol: 'TCP', port: 8080 }], addressType = 'IPv4'): KubeObject => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'web-1', namespace: 'default' }, addressType, ports, endpoints }) as unknown as KubeObject;
const endpoint = (address: string, more: Partial<SliceEndpoint> = {}): SliceEndpoint => ({ addresses: [address], conditions: { ready: true, serving: true, terminating: false }, nodeName: 'here', ...more });
const brief = (of: KubeObject, ...slices: readonly KubeObject[]): string[] => frontendsOf(of, slices, 'here', '192.0.2.1').map(({ protocol, address = '*', port, backends, isSilent, affinitySeconds, sources }) => `${protocol} ${address}:${port} -> ${backends.map((each) => `${each.address}:${each.port}`).join(' ') || (isSilent === true ? 'silence' : 'nobody')}${affinitySeconds === undefined ? '' : ` for ${affinitySeconds} s`}${sources === undefined ? '' : ` from ${sources.join(' ')}`}`);

const leaving = { ready: false, serving: true, terminating: true };
for (const [what, of, slices, expected] of [
  ['an address leads to all that are ready, of every slice', service({}), [slice([endpoint('10.1.0.1'), endpoint('10.1.0.2', { conditions: { ready: false } })]), slice([endpoint('10.1.0.3'), endpoint('10.1.0.1')])], ['tcp 10.96.0.7:80 -> 10.1.0.1:8080 10.1.0.3:8080']],
  ['ports are told apart by name and protocol', service({ ports: [{ name: 'a', port: 53 }, { name: 'b', port: 53, protocol: 'UDP' }] }), [slice([endpoint('10.1.0.1')], [{ name: 'b', protocol: 'UDP', port: 5353 }, { name: 'a', protocol: 'TCP', port: 5300 }])], ['tcp 10.96.0.7:53 -> 10.1.0.1:5300', 'udp 10.96.0.7:53 -> 10.1.0.1:5353']],
  ['without anybody clients are refused', service({}), [], ['tcp 10.96.0.7:80 -> nobody']],
  ['those who leave serve where nobody else does', service({}), [slice([endpoint('10.1.0.1', { conditions: leaving }), endpoint('10.1.0.2', { conditions: { ready: false, serving: false, terminating: true } })])], ['tcp 10.96.0.7:80 -> 10.1.0.1:8080']],
  ['and not beside others', service({}), [slice([endpoint('10.1.0.1', { conditions: leaving }), endpoint('10.1.0.2')])], ['tcp 10.96.0.7:80 -> 10.1.0.2:8080']],
  ['node ports and further addresses have the policy for the outside', service({ type: 'NodePort', externalTrafficPolicy: 'Local', externalIPs: ['192.0.2.7'], ports: [{ port: 80, nodePort: 30_080 }] }), [slice([endpoint('10.1.0.1', { nodeName: 'there' }), endpoint('10.1.0.2')])],
    ['tcp 10.96.0.7:80 -> 10.1.0.1:8080 10.1.0.2:8080', 'tcp 192.0.2.7:80 -> 10.1.0.2:8080', 'tcp *:30080 -> 10.1.0.2:8080']],
  ['a policy of this node alone keeps clients waiting where others serve', service({ internalTrafficPolicy: 'Local' }), [slice([endpoint('10.1.0.1', { nodeName: 'there' })])], ['tcp 10.96.0.7:80 -> silence']],
  ['a client keeps its backend for three hours, or as long as is said', service({ sessionAffinity: 'ClientIP' }), [slice([endpoint('10.1.0.1')])], ['tcp 10.96.0.7:80 -> 10.1.0.1:8080 for 10800 s']],
  ['an address of a balancer leads there', service({ type: 'LoadBalancer', loadBalancerClass: 'a.example/b' }, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }, { ip: '192.0.2.10', ipMode: 'Proxy' }, { hostname: 'x' }] } } }), [slice([endpoint('10.1.0.1')])], ['tcp 10.96.0.7:80 -> 10.1.0.1:8080', 'tcp 192.0.2.9:80 -> 10.1.0.1:8080']],
  ['a balancer is a port of the node, whatever its address', service({ type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_080 }] }, { status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } }), [slice([endpoint('10.1.0.1')])], ['tcp 10.96.0.7:80 -> 10.1.0.1:8080', 'tcp *:80 -> 10.1.0.1:8080', 'tcp *:30080 -> 10.1.0.1:8080']],
  ['clients of a balancer come from where they may', service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['192.0.2.7/24 ', '192.0.2.128/25', '2001:db8::/32', 'x'] }), [slice([endpoint('10.1.0.1')])], ['tcp 10.96.0.7:80 -> 10.1.0.1:8080', 'tcp *:80 -> 10.1.0.1:8080 from 192.0.2.0/24']],
  ['headless services have no packets of their own', service({ clusterIP: 'None' }), [slice([endpoint('10.1.0.1')])], []],
  ['nor have names of others', service({ type: 'ExternalName', externalName: 'example.com' }), [], []],
  ['nobody is sent to what is for one machine alone, or can not be written', service({}), [slice(['127.0.0.1', '169.254.169.254', '0.0.0.0', '224.0.0.1', '255.255.255.255', '10.1.0.1; drop', '::1', '010.1.0.1'].map((address) => endpoint(address)))], ['tcp 10.96.0.7:80 -> nobody']],
  ['slices of another family are none of its', service({}), [slice([endpoint('fd00::1')], undefined, 'IPv6')], ['tcp 10.96.0.7:80 -> nobody']],
] as const) test(what, () => assert.deepEqual(brief(of, ...slices), expected));
