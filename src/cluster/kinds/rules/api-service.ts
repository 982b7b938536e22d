import type { JsonObject } from '#base/json.ts';
import { invalidValue, notSupported, required, type FieldFault, type KindRules } from '../kind-rules.ts';
import type { KubeObject } from '../object.ts';
import { AGE, column, NAME } from './_columns.ts';
import { listAt, numberAt, objectAt, textAt, valueAt } from './_fields.ts';
import { checkDnsSubdomain, checkPort } from './_name-validation.ts';
import { fill } from './_pod-defaults.ts';

/** Servers that stand behind the API (kube-aggregator, pkg/apis/apiregistration). */

const MOST_GROUP_PRIORITY = 20_000;
const MOST_VERSION_PRIORITY = 1000;
const STATUSES = ['True', 'False', 'Unknown'];
const VERSION = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const VERSION_WORDS = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

export const apiServiceRules: KindRules = {
  defaults: (registration) => {
    const spec = objectAt(registration, 'spec');
    const service = objectAt(spec, 'service');
    return Object.keys(service).length === 0 ? registration : { ...registration, spec: { ...spec, service: fill(service, { port: 443 }) } };
  },
  validate: (registration) => [...nameFaults(registration), ...specFaults(objectAt(registration, 'spec'))],
  validateUpdate: (registration, _old, subresource) => (subresource === 'status' ? conditionFaults(listAt(registration, 'status', 'conditions')) : []),
  columns: [
    NAME,
    column('Service', 'Who serves it', (registration) => (isLocal(registration) ? 'Local' : `${textAt(registration, 'spec', 'service', 'namespace')}/${textAt(registration, 'spec', 'service', 'name')}`)),
    column('Available', 'Whether it is reached', (registration) => {
      const condition = listAt(registration, 'status', 'conditions').find((each) => each['type'] === 'Available');
      if (condition === undefined) return 'Unknown';
      const [status, reason] = [textAt(condition, 'status'), textAt(condition, 'reason')];
      return status === 'True' || reason === '' ? status : `${status} (${reason})`;
    }),
    AGE,
  ],
};

const isLocal = (registration: KubeObject): boolean => Object.keys(objectAt(registration, 'spec', 'service')).length === 0;

function nameFaults(registration: KubeObject): readonly FieldFault[] {
  const wanted = `${textAt(registration, 'spec', 'version')}.${textAt(registration, 'spec', 'group')}`;
  const { name } = registration.metadata;
  return name === wanted ? [] : [invalidValue('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`)];
}

function specFaults(spec: JsonObject): readonly FieldFault[] {
  const [group, version] = [textAt(spec, 'group'), textAt(spec, 'version')];
  return [
    ...(group === '' ? (version === 'v1' ? [] : [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')]) : checkDnsSubdomain(group, 'spec.group')),
    ...(VERSION.test(version) && version.length <= 63 ? [] : [invalidValue('spec.version', version, VERSION_WORDS)]),
    ...priorityFaults(spec, 'groupPriorityMinimum', MOST_GROUP_PRIORITY), ...priorityFaults(spec, 'versionPriority', MOST_VERSION_PRIORITY),
    ...serviceFaults(spec),
  ];
}

function priorityFaults(spec: JsonObject, name: string, most: number): readonly FieldFault[] {
  const value = numberAt(spec, name);
  return value > 0 && value <= most ? [] : [invalidValue(`spec.${name}`, value, `must be positive and less than ${most}`)];
}

function serviceFaults(spec: JsonObject): readonly FieldFault[] {
  const [service, bundle, isInsecure] = [objectAt(spec, 'service'), textAt(spec, 'caBundle'), valueAt(spec, 'insecureSkipTLSVerify') === true];
  if (Object.keys(service).length === 0) {
    return [
      ...(bundle === '' ? [] : [invalidValue('spec.caBundle', `${bytesIn(bundle)} bytes`, 'local APIServices may not have a caBundle')]),
      ...(isInsecure ? [invalidValue('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify')] : []),
    ];
  }
  return [
    ...['namespace', 'name'].filter((name) => textAt(service, name) === '').map((name) => required(`spec.service.${name}`)),
    ...checkPort(valueAt(service, 'port'), 'spec.service.port').map((fault) => invalidValue(fault.field, valueAt(service, 'port'), 'port is not valid: must be between 1 and 65535, inclusive')),
    ...(isBase64(bundle) ? [] : [invalidValue('spec.caBundle', '<bytes>', 'illegal base64 data')]),
    ...(isInsecure && bundle !== '' ? [invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')] : []),
  ];
}

/** How many bytes a text in base64 stands for. */
const bytesIn = (text: string): number => Math.floor(text.replace(/=+$/, '').length * 3 / 4);

function isBase64(text: string): boolean {
  try {
    return Uint8Array.fromBase64(text).length >= 0;
  } catch {
    return false;
  }
}

function conditionFaults(conditions: readonly JsonObject[]): readonly FieldFault[] {
  return conditions.flatMap((condition, index) => {
    const status = textAt(condition, 'status');
    return STATUSES.includes(status) ? [] : [notSupported(`status.conditions[${index}].status`, status, STATUSES)];
  });
}
