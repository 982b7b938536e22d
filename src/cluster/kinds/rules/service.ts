import type { JsonObject } from '#base/json.ts';
import { duplicate, invalidValue, notSupported, required, type FieldFault, type KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { AGE, column, mapText, NAME, NONE, orNone, wide } from './_columns.ts';
import { listAt, numberAt, objectAt, textAt, textsAt, valueAt } from './_fields.ts';
import { checkDnsLabel, checkDnsSubdomain, checkPort } from './_name-validation.ts';
import { changeEach, fill } from './_pod-defaults.ts';
import { checkFamilies, checkHealthPortUpdate, checkOutside } from './_service-validation.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const AFFINITY_SECONDS = 10_800;

export const serviceRules: KindRules = {
  defaults: (service) => {
    const spec = fill(objectAt(service, 'spec'), { type: 'ClusterIP', sessionAffinity: 'None' });
    const type = spec['type'];
    const isExternal = type === 'NodePort' || type === 'LoadBalancer';
    const ports = changeEach(spec, 'ports', (port) => {
      const filled = fill(port, { protocol: 'TCP' });
      return filled['targetPort'] === undefined || filled['targetPort'] === '' || filled['targetPort'] === 0 ? { ...filled, targetPort: filled['port'] } : filled;
    });
    const affinity = spec['sessionAffinity'] === 'ClientIP' ? { sessionAffinityConfig: { clientIP: fill(objectAt(spec, 'sessionAffinityConfig', 'clientIP'), { timeoutSeconds: AFFINITY_SECONDS }) } } : {};
    return {
      ...service,
      spec: fill({ ...ports, ...affinity }, {
        ...(type === 'ExternalName' ? {} : { internalTrafficPolicy: 'Cluster' }), ...(isExternal ? { externalTrafficPolicy: 'Cluster' } : {}), ...(type === 'LoadBalancer' ? { allocateLoadBalancerNodePorts: true } : {}),
      }),
      status: fill(objectAt(service, 'status'), { loadBalancer: {} }),
    };
  },
  validate,
  validateUpdate: (service, old) => {
    const [now, before] = [textAt(service, 'spec', 'clusterIP'), textAt(old, 'spec', 'clusterIP')];
    const isFixed = before !== '' && textAt(old, 'spec', 'type') !== 'ExternalName' && textAt(service, 'spec', 'type') !== 'ExternalName';
    return [...(isFixed && now !== before ? [invalidValue('spec.clusterIP', now, 'field is immutable')] : []), ...checkHealthPortUpdate(objectAt(service, 'spec'), objectAt(old, 'spec'))];
  },
  columns: [
    NAME,
    column('Type', 'How it is reached', (service) => textAt(service, 'spec', 'type')),
    column('Cluster-IP', 'Its address in the cluster', (service) => orNone(textsAt(service, 'spec', 'clusterIPs')[0] ?? textAt(service, 'spec', 'clusterIP'))),
    column('External-IP', 'Its addresses outside', externalText),
    column('Port(s)', 'Its ports, with those of the nodes', portsText),
    AGE,
    wide(column('Selector', 'Which pods serve it', (service) => mapText(objectAt(service, 'spec', 'selector')))),
  ],
};

function validate(service: KubeObject): readonly FieldFault[] {
  const spec = objectAt(service, 'spec');
  const type = textAt(spec, 'type');
  const ports = listAt(spec, 'ports');
  const isHeadless = textAt(spec, 'clusterIP') === 'None';
  const isNamed = textAt(spec, 'externalName') !== '';
  return [
    ...checkDnsLabel(textAt(service, 'metadata', 'name'), 'metadata.name'),
    ...(TYPES.includes(type) ? [] : [notSupported('spec.type', type, TYPES)]),
    ...(type === 'ExternalName' ? isNamed ? checkDnsSubdomain(textAt(spec, 'externalName').replace(/\.$/, ''), 'spec.externalName') : [required('spec.externalName')] : []),
    ...(ports.length === 0 && !isHeadless && type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...(isHeadless && type !== 'ClusterIP' ? [invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)] : []),
    ...(['ClientIP', 'None'].includes(textAt(spec, 'sessionAffinity')) ? [] : [notSupported('spec.sessionAffinity', textAt(spec, 'sessionAffinity'), ['ClientIP', 'None'])]),
    ...checkPorts(ports, type),
    ...checkOutside(spec, type),
    ...checkFamilies(spec),
  ];
}

function checkPorts(ports: readonly JsonObject[], type: string): readonly FieldFault[] {
  const names = new Set<string>();
  const pairs = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`;
    const [name, protocol] = [textAt(port, 'name'), textAt(port, 'protocol')];
    const pair = `${textAt(port, 'port')}/${protocol}`;
    const faults = [
      ...(name === '' ? ports.length > 1 ? [required(`${at}.name`)] : [] : names.has(name) ? [duplicate(`${at}.name`, name)] : checkDnsLabel(name, `${at}.name`)),
      ...checkPort(valueAt(port, 'port') ?? 0, `${at}.port`),
      ...(PROTOCOLS.includes(protocol) ? [] : [notSupported(`${at}.protocol`, protocol, PROTOCOLS)]),
      ...(typeof port['targetPort'] === 'number' ? checkPort(port['targetPort'], `${at}.targetPort`) : []),
      ...(numberAt(port, 'nodePort') !== 0 && type === 'ClusterIP' ? [{ reason: 'FieldValueForbidden', field: `${at}.nodePort`, message: "Forbidden: may not be used when `type` is 'ClusterIP'" } as const] : []),
      ...(pairs.has(pair) ? [duplicate(at, { port: port['port'], protocol })] : []),
    ];
    names.add(name);
    pairs.add(pair);
    return faults;
  });
}

function externalText(service: KubeObject): string {
  const given = textsAt(service, 'spec', 'externalIPs');
  const type = textAt(service, 'spec', 'type');
  if (type === 'ExternalName') return textAt(service, 'spec', 'externalName');
  if (type !== 'LoadBalancer') return orNone(given.join(','));
  const balanced = listAt(service, 'status', 'loadBalancer', 'ingress').map((each) => textAt(each, 'ip') || textAt(each, 'hostname'));
  const all = [...balanced, ...given];
  return all.length === 0 ? '<pending>' : all.join(',');
}

function portsText(service: KubeObject): string {
  const ports = listAt(service, 'spec', 'ports').map((port) => `${textAt(port, 'port')}${numberAt(port, 'nodePort') === 0 ? '' : `:${textAt(port, 'nodePort')}`}/${textAt(port, 'protocol')}`);
  return ports.length === 0 ? NONE : ports.join(',');
}
