import type { JsonObject } from '#base/json.ts';
import { notSupported, required, type FieldFault, type KindRules } from '../kind-rules.ts';
import { asJson, asObject } from '../object.ts';
import { AGE, column, NAME, NONE, orNone } from './_columns.ts';
import { listAt, textAt, textsAt, valueAt } from './_fields.ts';
import { changeEach, fill } from './_pod-defaults.ts';

/** Upstream shows so many, and says how many more there are. */
const MOST_SHOWN = 3;
const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];

function firstOf(all: readonly string[]): string {
  if (all.length === 0) return NONE;
  return all.slice(0, MOST_SHOWN).join(',') + (all.length > MOST_SHOWN ? ` + ${all.length - MOST_SHOWN} more...` : '');
}

const withProtocol = (port: JsonObject): JsonObject => fill(port, { protocol: 'TCP' });

export const endpointsRules: KindRules = {
  defaults: (endpoints) => asObject(changeEach(asJson(endpoints), 'subsets', (subset) => changeEach(subset, 'ports', withProtocol))),
  columns: [
    NAME,
    column('Endpoints', 'Addresses with ports', (endpoints) => firstOf(listAt(endpoints, 'subsets').flatMap((subset) => {
      const addresses = listAt(subset, 'addresses').map((each) => textAt(each, 'ip'));
      const ports = listAt(subset, 'ports').map((each) => textAt(each, 'port'));
      return ports.length === 0 ? addresses : ports.flatMap((port) => addresses.map((address) => `${address.includes(':') ? `[${address}]` : address}:${port}`));
    }))),
    AGE,
  ],
};

export const endpointSliceRules: KindRules = {
  defaults: (slice) => asObject(changeEach(asJson(slice), 'ports', (port) => fill(withProtocol(port), { name: '' }))),
  validate: (slice) => {
    const type = textAt(slice, 'addressType');
    return type === '' ? [required('addressType')] : ADDRESS_TYPES.includes(type) ? [] : [notSupported('addressType', type, ADDRESS_TYPES)];
  },
  columns: [
    NAME,
    column('AddressType', 'Of which kind its addresses are', (slice) => textAt(slice, 'addressType')),
    column('Ports', 'Its ports', (slice) => (listAt(slice, 'ports').length === 0 ? '<unset>' : firstOf(listAt(slice, 'ports').map((port) => textAt(port, 'port') || '*')))),
    column('Endpoints', 'Its addresses', (slice) => (listAt(slice, 'endpoints').length === 0 ? '<unset>' : firstOf(listAt(slice, 'endpoints').flatMap((each) => textsAt(each, 'addresses'))))),
    AGE,
  ],
};

export const ingressRules: KindRules = {
  validate: (ingress) => [
    ...(listAt(ingress, 'spec', 'rules').length === 0 && valueAt(ingress, 'spec', 'defaultBackend') === undefined ? [required('spec', 'either `defaultBackend` or `rules` must be specified')] : []),
    ...listAt(ingress, 'spec', 'rules').flatMap((rule, index) => listAt(rule, 'http', 'paths').flatMap((path, at) => checkPath(path, `spec.rules[${index}].http.paths[${at}]`))),
  ],
  columns: [
    NAME,
    column('Class', 'Who serves it', (ingress) => textAt(ingress, 'spec', 'ingressClassName') || orNone(textAt(ingress, 'metadata', 'annotations', 'kubernetes.io/ingress.class'))),
    column('Hosts', 'Names that it serves', (ingress) => {
      const hosts = listAt(ingress, 'spec', 'rules').map((rule) => textAt(rule, 'host')).filter((host) => host !== '');
      return hosts.length === 0 ? '*' : firstOf(hosts).replace(NONE, '*');
    }),
    column('Address', 'Where it is reached', (ingress) => listAt(ingress, 'status', 'loadBalancer', 'ingress').map((each) => textAt(each, 'ip') || textAt(each, 'hostname')).join(',')),
    column('Ports', 'Its ports', (ingress) => (listAt(ingress, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
    AGE,
  ],
};

function checkPath(path: JsonObject, at: string): readonly FieldFault[] {
  const type = textAt(path, 'pathType');
  return type === '' ? [required(`${at}.pathType`, 'pathType must be specified')] : PATH_TYPES.includes(type) ? [] : [notSupported(`${at}.pathType`, type, PATH_TYPES)];
}

export const ingressClassRules: KindRules = {
  columns: [
    NAME,
    column('Controller', 'Who serves it', (kind) => textAt(kind, 'spec', 'controller')),
    column('Parameters', 'What it is told', (kind) => (valueAt(kind, 'spec', 'parameters') === undefined ? NONE : `${textAt(kind, 'spec', 'parameters', 'kind')}${textAt(kind, 'spec', 'parameters', 'apiGroup') === '' ? '' : `.${textAt(kind, 'spec', 'parameters', 'apiGroup')}`}/${textAt(kind, 'spec', 'parameters', 'name')}`)),
    AGE,
  ],
};
