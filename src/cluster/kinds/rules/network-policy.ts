import type { JsonObject } from '#base/json.ts';
import { containsCidr, parseLinkAddress, subnetOf, type Cidr } from '#net/cidr.ts';
import { forbidden, invalidValue, notSupported, required, type FieldFault, type KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { AGE, column, NAME, selectorText } from './_columns.ts';
import { listAt, objectAt, textAt, textsAt, valueAt } from './_fields.ts';
import { checkPort } from './_name-validation.ts';
import { changeEach, fill } from './_pod-defaults.ts';

const TYPES = ['Ingress', 'Egress'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9](?:[-a-z0-9]{0,13}[a-z0-9])?$/;

/** `networking.v1.NetworkPolicy` (kubernetes, pkg/apis/networking/validation). */
export const networkPolicyRules: KindRules = {
  defaults: (policy) => {
    const spec = objectAt(policy, 'spec');
    const types = textsAt(spec, 'policyTypes').length > 0 ? {} : { policyTypes: ['Ingress', ...(listAt(spec, 'egress').length > 0 ? ['Egress'] : [])] };
    const ported = ['ingress', 'egress'].reduce((value, key) => changeEach(value, key, (rule) => changeEach(rule, 'ports', (port) => fill(port, { protocol: 'TCP' }))), spec);
    return { ...policy, spec: { ...ported, ...types } };
  },
  validate: (policy) => [...checkRules(policy, 'ingress', 'from'), ...checkRules(policy, 'egress', 'to'), ...checkTypes(textsAt(policy, 'spec', 'policyTypes'))],
  columns: [NAME, column('Pod-Selector', 'Which pods it is about', (policy) => selectorText(policy, 'spec', 'podSelector')), AGE],
};

function checkRules(policy: KubeObject, direction: string, peers: string): readonly FieldFault[] {
  return listAt(policy, 'spec', direction).flatMap((rule, index) => {
    const at = `spec.${direction}[${index}]`;
    return [...listAt(rule, 'ports').flatMap((port, place) => checkRulePort(port, `${at}.ports[${place}]`)), ...listAt(rule, peers).flatMap((peer, place) => checkPeer(peer, `${at}.${peers}[${place}]`))];
  });
}

function checkRulePort(rule: JsonObject, at: string): readonly FieldFault[] {
  const protocol = textAt(rule, 'protocol');
  const [port, endPort] = [valueAt(rule, 'port'), valueAt(rule, 'endPort')];
  const faults = PROTOCOLS.includes(protocol) ? [] : [notSupported(`${at}.protocol`, protocol, PROTOCOLS)];
  if (port === undefined) return endPort === undefined ? faults : [...faults, required(`${at}.port`, 'must be specified when `endPort` is specified')];
  if (typeof port === 'number') {
    return [...faults, ...checkPort(port, `${at}.port`), ...(typeof endPort !== 'number' ? [] : endPort < port ? [invalidValue(`${at}.endPort`, endPort, 'must be greater than or equal to `port`')] : checkPort(endPort, `${at}.endPort`))];
  }
  return [
    ...faults, ...(endPort === undefined ? [] : [invalidValue(`${at}.endPort`, endPort, 'may not be specified when `port` is non-numeric')]),
    ...(typeof port === 'string' && PORT_NAME.test(port) ? [] : [invalidValue(`${at}.port`, port, "must be at most 15 lower case letters, digits and single '-', with a letter, beginning and ending with a letter or digit")]),
  ];
}

function checkPeer(peer: JsonObject, at: string): readonly FieldFault[] {
  const isBlock = valueAt(peer, 'ipBlock') !== undefined;
  const isSelected = valueAt(peer, 'podSelector') !== undefined || valueAt(peer, 'namespaceSelector') !== undefined;
  if (!isBlock && !isSelected) return [required(at, 'must specify a peer')];
  return [...(isBlock && isSelected ? [forbidden(at, 'may not specify both ipBlock and another peer')] : []), ...(isBlock ? checkBlock(objectAt(peer, 'ipBlock'), `${at}.ipBlock`) : [])];
}

function checkBlock(block: JsonObject, at: string): readonly FieldFault[] {
  const text = textAt(block, 'cidr');
  if (text === '') return [required(`${at}.cidr`)];
  const cidr = subnet(text);
  const bad = (field: string, value: string): FieldFault => invalidValue(field, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)');
  return [
    ...(cidr === undefined ? [bad(`${at}.cidr`, text)] : []),
    ...textsAt(block, 'except').flatMap((hole, index) => {
      const inner = subnet(hole);
      if (inner === undefined) return [bad(`${at}.except[${index}]`, hole)];
      return cidr === undefined || (containsCidr(cidr, inner) && inner.prefix > cidr.prefix) ? [] : [invalidValue(`${at}.except[${index}]`, hole, 'must be a strict subset of `cidr`')];
    }),
  ];
}

function subnet(text: string): Cidr | undefined {
  try {
    const { ip, prefix } = parseLinkAddress(text);
    return subnetOf(ip, prefix);
  } catch {
    return undefined;
  }
}

function checkTypes(types: readonly string[]): readonly FieldFault[] {
  return [...(types.length > TYPES.length ? [invalidValue('spec.policyTypes', types, 'may not specify more than two policyTypes')] : []), ...types.filter((type) => !TYPES.includes(type)).map((type) => notSupported('spec.policyTypes', type, TYPES))];
}
