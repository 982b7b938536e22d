import type { JsonObject } from '#base/json.ts';
import { parseLinkAddress } from '#net/cidr.ts';
import { isLoopback, isUnspecified, tryParseIp } from '#net/ip.ts';
import { duplicate, forbidden, invalidValue, notSupported, type FieldFault } from '../kind-rules.ts';
import { textAt, textsAt, valueAt } from './_fields.ts';
import { checkPort } from './_name-validation.ts';
import { hasHealthPort, healthPortOf } from './health-port.ts';

const POLICIES = ['Cluster', 'Local'];
const FAMILIES = ['IPv4', 'IPv6'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const FOR_BALANCERS = "may only be used when `type` is 'LoadBalancer'";

/** What is for clients from outside the cluster (kubernetes, pkg/apis/core/validation, ValidateService). */
export function checkOutside(spec: JsonObject, type: string): readonly FieldFault[] {
  const [policy, inside] = [textAt(spec, 'externalTrafficPolicy'), textAt(spec, 'internalTrafficPolicy')];
  const [ranges, addresses] = [textsAt(spec, 'loadBalancerSourceRanges'), textsAt(spec, 'externalIPs')];
  const isOutside = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && addresses.length > 0);
  return [
    ...addresses.flatMap((address, index) => checkExternalAddress(address, `spec.externalIPs[${index}]`)),
    ...(policy === '' ? [] : !isOutside ? [invalidValue('spec.externalTrafficPolicy', policy, 'may only be set for externally-accessible services')] : POLICIES.includes(policy) ? [] : [notSupported('spec.externalTrafficPolicy', policy, POLICIES)]),
    ...(inside === '' || POLICIES.includes(inside) ? [] : [notSupported('spec.internalTrafficPolicy', inside, POLICIES)]),
    ...(ranges.length > 0 && type !== 'LoadBalancer' ? [forbidden('spec.loadBalancerSourceRanges', FOR_BALANCERS)] : []),
    ...ranges.filter((range) => !isSubnet(range.trim())).map((range) => invalidValue('spec.loadBalancerSourceRanges', range, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')),
    ...checkHealthPort(spec),
    ...(valueAt(spec, 'loadBalancerClass') !== undefined && type !== 'LoadBalancer' ? [forbidden('spec.loadBalancerClass', FOR_BALANCERS)] : []),
  ];
}

function checkHealthPort(spec: JsonObject): readonly FieldFault[] {
  const port = healthPortOf(spec);
  if (port === 0) return [];
  if (!hasHealthPort(spec)) return [invalidValue('spec.healthCheckNodePort', port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")];
  return checkPort(port, 'spec.healthCheckNodePort');
}

/** It stays as long as there is one. */
export function checkHealthPortUpdate(spec: JsonObject, before: JsonObject): readonly FieldFault[] {
  const [now, was] = [healthPortOf(spec), healthPortOf(before)];
  return hasHealthPort(spec) && hasHealthPort(before) && now !== 0 && was !== 0 && now !== was ? [invalidValue('spec.healthCheckNodePort', now, 'field is immutable')] : [];
}

/** Nobody outside comes by these. */
function checkExternalAddress(text: string, field: string): readonly FieldFault[] {
  const ip = tryParseIp(text);
  const why = ip === undefined ? 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)' : isUnspecified(ip) ? 'may not be unspecified (0.0.0.0 or ::)' : isLoopback(ip) ? 'may not be in the loopback range (127.0.0.0/8, ::1/128)' : /^169\.254\.|^fe[89ab]/i.test(text) ? 'may not be in the link-local range (169.254.0.0/16, fe80::/10)' : undefined;
  return why === undefined ? [] : [invalidValue(field, text, why)];
}

export function checkFamilies(spec: JsonObject): readonly FieldFault[] {
  const [families, policy] = [textsAt(spec, 'ipFamilies'), textAt(spec, 'ipFamilyPolicy')];
  const [addresses, first] = [textsAt(spec, 'clusterIPs'), textAt(spec, 'clusterIP')];
  return [
    ...(policy === '' || FAMILY_POLICIES.includes(policy) ? [] : [notSupported('spec.ipFamilyPolicy', policy, FAMILY_POLICIES)]),
    ...families.flatMap((family, index) => (!FAMILIES.includes(family) ? [notSupported(`spec.ipFamilies[${index}]`, family, FAMILIES)] : families.indexOf(family) < index ? [duplicate(`spec.ipFamilies[${index}]`, family)] : [])),
    ...(families.length > 1 && policy === 'SingleStack' ? [invalidValue('spec.ipFamilyPolicy', policy, 'must be RequireDualStack or PreferDualStack when multiple IP families are specified')] : []),
    ...(addresses.length > 2 ? [invalidValue('spec.clusterIPs', addresses, 'may only hold up to 2 values')] : []),
    ...(addresses.length > 0 && first !== '' && addresses[0] !== first ? [invalidValue('spec.clusterIPs', addresses, 'first value must match `clusterIP`')] : []),
  ];
}

function isSubnet(text: string): boolean {
  try {
    return parseLinkAddress(text).prefix >= 0;
  } catch {
    return false;
  }
}
