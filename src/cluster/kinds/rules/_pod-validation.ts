import type { Json, JsonObject } from '#base/json.ts';
import { forbidden, invalidValue, notSupported, required, duplicate, type FieldFault } from '../kind-rules.ts';
import { asObject } from '../object.ts';
import { parseQuantity } from '../quantity.ts';
import { claimSpecFaults } from './_claim-validation.ts';
import { isObject, listAt, objectAt, textAt, textOf, valueAt } from './_fields.ts';
import { checkDnsLabel, checkDnsSubdomain, checkEnvName, checkPort } from './_name-validation.ts';
import { checkContainerSecurity, checkHostUsers, checkPodSecurity, checkStopSignal } from './_security-validation.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const OPERATORS = ['Equal', 'Exists', 'Lt', 'Gt'];
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
/** What a container that is added to a running pod can't have: nothing waits for it, and it takes nothing of the node that was not the pod's. */
const NOT_FOR_DEBUGGING = ['ports', 'livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle', 'resources', 'resizePolicy', 'restartPolicy'];

/** What a pod must be to be run (pkg/apis/core/validation). `path` is where its spec stands in the object. */
export function checkPodSpec(spec: JsonObject, path: string): readonly FieldFault[] {
  const volumes = new Set<string>();
  const names = new Set<string>();
  const policy = textAt(spec, 'restartPolicy');
  const dns = textAt(spec, 'dnsPolicy');
  const grace = valueAt(spec, 'terminationGracePeriodSeconds');
  const node = textAt(spec, 'nodeName');
  const containers = listAt(spec, 'containers');
  return [
    ...listAt(spec, 'volumes').flatMap((volume, index) => checkVolume(volume, `${path}.volumes[${index}]`, volumes)),
    ...(containers.length === 0 ? [required(`${path}.containers`)] : []),
    ...containers.flatMap((container, index) => checkContainer(container, `${path}.containers[${index}]`, { names, volumes, isInit: false, hostNetwork: spec['hostNetwork'] === true, restartPolicy: policy, os: textAt(spec, 'os', 'name') })),
    ...listAt(spec, 'initContainers').flatMap((container, index) => checkContainer(container, `${path}.initContainers[${index}]`, { names, volumes, isInit: true, hostNetwork: spec['hostNetwork'] === true, restartPolicy: policy, os: textAt(spec, 'os', 'name') })),
    ...listAt(spec, 'ephemeralContainers').flatMap((container, index) => checkDebugContainer(container, `${path}.ephemeralContainers[${index}]`, { names, volumes, isInit: false, hostNetwork: false, restartPolicy: policy, os: textAt(spec, 'os', 'name') }, containers)),
    ...(policy === '' ? [required(`${path}.restartPolicy`)] : RESTART_POLICIES.includes(policy) ? [] : [notSupported(`${path}.restartPolicy`, policy, RESTART_POLICIES)]),
    ...checkPodSecurity(spec, path), ...checkHostUsers(spec, path),
    ...(dns === '' ? [required(`${path}.dnsPolicy`)] : DNS_POLICIES.includes(dns) ? [] : [notSupported(`${path}.dnsPolicy`, dns, DNS_POLICIES)]),
    ...(typeof grace === 'number' && grace < 0 ? [invalidValue(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than or equal to 0')] : []),
    ...(node === '' ? [] : checkDnsSubdomain(node, `${path}.nodeName`)),
    ...['hostname', 'subdomain'].flatMap((name) => (textAt(spec, name) === '' ? [] : checkDnsLabel(textAt(spec, name), `${path}.${name}`))),
    ...listAt(spec, 'tolerations').flatMap((toleration, index) => checkToleration(toleration, `${path}.tolerations[${index}]`)),
    ...listAt(spec, 'imagePullSecrets').flatMap((reference, index) => (textAt(reference, 'name') === '' ? [required(`${path}.imagePullSecrets[${index}].name`)] : [])),
  ];
}

interface Around {
  readonly names: Set<string>;
  readonly volumes: ReadonlySet<string>;
  readonly isInit: boolean;
  readonly hostNetwork: boolean;
  /** Of the pod. */
  readonly restartPolicy: string;
  readonly os: string;
}

function checkContainer(container: JsonObject, path: string, around: Around): readonly FieldFault[] {
  const name = textAt(container, 'name');
  const isKnown = around.names.has(name);
  around.names.add(name);
  const image = textAt(container, 'image');
  const pull = textAt(container, 'imagePullPolicy');
  const isSidecar = textAt(container, 'restartPolicy') === 'Always';
  const said = textAt(container, 'terminationMessagePolicy');
  return [
    ...(name === '' ? [required(`${path}.name`)] : isKnown ? [duplicate(`${path}.name`, name)] : checkDnsLabel(name, `${path}.name`)),
    ...(image === '' ? [required(`${path}.image`)] : image !== image.trim() ? [invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace')] : []),
    ...(pull === '' || PULL_POLICIES.includes(pull) ? [] : [notSupported(`${path}.imagePullPolicy`, pull, PULL_POLICIES)]),
    ...checkRestarts(container, path),
    ...checkPorts(container, path, around.hostNetwork),
    ...listAt(container, 'env').flatMap((variable, index) => checkVariable(variable, `${path}.env[${index}]`)),
    ...listAt(container, 'envFrom').flatMap((source, index) => checkEnvSource(source, `${path}.envFrom[${index}]`)),
    ...checkMounts(container, path, around.volumes),
    ...checkResources(objectAt(container, 'resources'), `${path}.resources`),
    ...checkResizePolicy(container, path, around.restartPolicy),
    ...PROBES.flatMap((probe) => checkProbe(container, probe, path, around.isInit && !isSidecar)),
    ...checkHooks(container, path, around.isInit && !isSidecar), ...checkStopSignal(container, path, around.os), ...checkContainerSecurity(container, path),
    ...(said === '' || MESSAGE_POLICIES.includes(said) ? [] : [notSupported(`${path}.terminationMessagePolicy`, said, MESSAGE_POLICIES)]),
  ];
}

const MOST_RESTART_RULES = 20;

/** Its own policy, and rules by exit code before it (KEP-5307). */
function checkRestarts(container: JsonObject, path: string): readonly FieldFault[] {
  const [policy, rules] = [textAt(container, 'restartPolicy'), listAt(container, 'restartPolicyRules')];
  return [
    ...(policy === '' || RESTART_POLICIES.includes(policy) ? [] : [notSupported(`${path}.restartPolicy`, policy, RESTART_POLICIES)]),
    ...(rules.length > 0 && policy === '' ? [required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used')] : []),
    ...(rules.length > MOST_RESTART_RULES ? [{ reason: 'FieldValueTooMany', field: `${path}.restartPolicyRules`, message: `Too many: ${rules.length}: must have at most ${MOST_RESTART_RULES} items` } as const] : []),
    ...rules.flatMap((rule, index) => {
      const at = `${path}.restartPolicyRules[${index}]`;
      const [action, operator] = [textAt(rule, 'action'), textAt(rule, 'exitCodes', 'operator')];
      return [
        ...(action === 'Restart' ? [] : [notSupported(`${at}.action`, action, ['Restart'])]),
        ...(valueAt(rule, 'exitCodes') === undefined ? [required(`${at}.exitCodes`, 'must be specified')] : ['In', 'NotIn'].includes(operator) ? [] : [notSupported(`${at}.exitCodes.operator`, operator, ['In', 'NotIn'])]),
      ];
    }),
  ];
}

function checkDebugContainer(container: JsonObject, path: string, around: Around, others: readonly JsonObject[]): readonly FieldFault[] {
  const target = textAt(container, 'targetContainerName');
  const given = NOT_FOR_DEBUGGING.filter((field) => !isEmpty(container[field]));
  const rest = Object.fromEntries(Object.entries(container).filter(([field]) => !NOT_FOR_DEBUGGING.includes(field))) as JsonObject;
  return [
    ...checkContainer(rest, path, around), ...given.map((field) => forbidden(`${path}.${field}`, 'cannot be set for an Ephemeral Container')),
    ...(target === '' || others.some((each) => textAt(each, 'name') === target) ? [] : [{ reason: 'FieldValueNotFound', field: `${path}.targetContainerName`, message: `Not found: ${JSON.stringify(target)}` } as const]),
    ...listAt(container, 'volumeMounts').flatMap((mount, index) => ['subPath', 'subPathExpr'].filter((field) => textAt(mount, field) !== '').map((field) => forbidden(`${path}.volumeMounts[${index}].${field}`, 'cannot be set for an Ephemeral Container'))),
  ];
}

const isEmpty = (value: Json | undefined): boolean => value === undefined || value === null || (Array.isArray(value) ? value.length === 0 : isObject(value) && Object.keys(value).length === 0);

function checkPorts(container: JsonObject, path: string, hostNetwork: boolean): readonly FieldFault[] {
  const names = new Set<string>();
  return listAt(container, 'ports').flatMap((port, index) => {
    const at = `${path}.ports[${index}]`;
    const name = textAt(port, 'name');
    const isKnown = name !== '' && names.has(name);
    names.add(name);
    const protocol = textAt(port, 'protocol');
    const [inside, outside] = [valueAt(port, 'containerPort'), valueAt(port, 'hostPort')];
    return [
      ...(name === '' ? [] : isKnown ? [duplicate(`${at}.name`, name)] : /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(name) && !name.includes('--') ? [] : [invalidValue(`${at}.name`, name, name.length > 15 ? 'must be no more than 15 characters' : 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')]),
      ...(inside === undefined || inside === 0 ? [required(`${at}.containerPort`)] : checkPort(inside, `${at}.containerPort`)),
      ...(outside === undefined || outside === 0 ? [] : checkPort(outside, `${at}.hostPort`)),
      ...(hostNetwork && outside !== undefined && outside !== 0 && outside !== inside ? [invalidValue(`${at}.hostPort`, outside, 'must match `containerPort` when `hostNetwork` is true')] : []),
      ...(protocol === '' ? [required(`${at}.protocol`)] : PROTOCOLS.includes(protocol) ? [] : [notSupported(`${at}.protocol`, protocol, PROTOCOLS)]),
    ];
  });
}

function checkVariable(variable: JsonObject, path: string): readonly FieldFault[] {
  const name = textAt(variable, 'name');
  const source = valueAt(variable, 'valueFrom');
  const kinds = isObject(source) ? Object.keys(source).filter((key) => source[key] !== undefined && source[key] !== null) : [];
  return [
    ...(name === '' ? [required(`${path}.name`)] : checkEnvName(name, `${path}.name`)),
    ...(source === undefined || source === null ? [] : textAt(variable, 'value') !== '' ? [invalidValue(`${path}.valueFrom`, '', 'may not be specified when `value` is not empty')]
      : kinds.length === 0 ? [invalidValue(`${path}.valueFrom`, '', 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`')]
      : kinds.length > 1 ? [invalidValue(`${path}.valueFrom`, '', 'may not have more than one field specified at a time')] : []),
    ...['configMapKeyRef', 'secretKeyRef'].flatMap((kind) => (kinds.includes(kind) && textAt(variable, 'valueFrom', kind, 'key') === '' ? [required(`${path}.valueFrom.${kind}.key`)] : [])),
  ];
}

function checkEnvSource(source: JsonObject, path: string): readonly FieldFault[] {
  const given = ['configMapRef', 'secretRef'].filter((kind) => isObject(source[kind]));
  if (given.length === 1) return textAt(source, given[0] as string, 'name') === '' ? [required(`${path}.${given[0]}.name`)] : [];
  return [invalidValue(path, '', given.length === 0 ? 'must specify one of: `configMapRef` or `secretRef`' : 'may not have more than one field specified at a time')];
}

function checkMounts(container: JsonObject, path: string, volumes: ReadonlySet<string>): readonly FieldFault[] {
  const places = new Set<string>();
  return listAt(container, 'volumeMounts').flatMap((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    const [name, place, below] = [textAt(mount, 'name'), textAt(mount, 'mountPath'), textAt(mount, 'subPath')];
    const isKnown = places.has(place);
    places.add(place);
    return [
      ...(name === '' ? [required(`${at}.name`)] : volumes.has(name) ? [] : [{ reason: 'FieldValueNotFound', field: `${at}.name`, message: `Not found: ${JSON.stringify(name)}` } as const]),
      ...(place === '' ? [required(`${at}.mountPath`)] : isKnown ? [invalidValue(`${at}.mountPath`, place, 'must be unique')] : []),
      ...checkMountModes(container, mount, at),
      ...(below.startsWith('/') ? [invalidValue(`${at}.subPath`, below, 'must be a relative path')] : below.split('/').includes('..') ? [invalidValue(`${at}.subPath`, below, "must not contain '..'")] : []),
    ];
  });
}

const PROPAGATIONS = ['Bidirectional', 'HostToContainer', 'None'];
const RECURSIVE_MODES = ['Disabled', 'Enabled', 'IfPossible'];

/** What of mounts below it is seen, and whether they are to read only. */
function checkMountModes(container: JsonObject, mount: JsonObject, at: string): readonly FieldFault[] {
  const [propagation, recursive] = [textAt(mount, 'mountPropagation'), textAt(mount, 'recursiveReadOnly')];
  const isOnlyRead = mount['readOnly'] === true;
  return [
    ...(propagation === '' || PROPAGATIONS.includes(propagation) ? [] : [notSupported(`${at}.mountPropagation`, propagation, PROPAGATIONS)]),
    ...(propagation === 'Bidirectional' && valueAt(container, 'securityContext', 'privileged') !== true ? [forbidden(`${at}.mountPropagation`, 'Bidirectional mount propagation is available only to privileged containers')] : []),
    ...(recursive === '' || RECURSIVE_MODES.includes(recursive) ? [] : [notSupported(`${at}.recursiveReadOnly`, recursive, RECURSIVE_MODES)]),
    ...(['Enabled', 'IfPossible'].includes(recursive) && !isOnlyRead ? [forbidden(`${at}.recursiveReadOnly`, 'may only be specified when readOnly is true')] : []),
    ...(['Enabled', 'IfPossible'].includes(recursive) && !['', 'None'].includes(propagation) ? [forbidden(`${at}.recursiveReadOnly`, 'may only be specified when mountPropagation is None or not specified')] : []),
  ];
}

function checkResources(resources: JsonObject, path: string): readonly FieldFault[] {
  const amounts = (kind: string): readonly (readonly [string, bigint | undefined, Json])[] => Object.entries(objectAt(resources, kind)).map(([name, text]) => [name, amountOf(text ?? null), text ?? null] as const);
  const faults = ['limits', 'requests'].flatMap((kind) => amounts(kind).flatMap(([name, amount, text]) => (amount === undefined ? [invalidValue(`${path}.${kind}[${name}]`, text, 'must be a quantity')] : amount < 0n ? [invalidValue(`${path}.${kind}[${name}]`, text, 'must be greater than or equal to 0')] : [])));
  const limits = new Map(amounts('limits').map(([name, amount, text]) => [name, { amount, text }]));
  const above = amounts('requests').flatMap(([name, amount, text]) => {
    const limit = limits.get(name);
    return amount === undefined || limit?.amount === undefined || amount <= limit.amount ? [] : [invalidValue(`${path}.requests`, text, `must be less than or equal to ${name} limit of ${textOf(limit.text)}`)];
  });
  return [...faults, ...above];
}

function checkResizePolicy(container: JsonObject, path: string, podPolicy: string): readonly FieldFault[] {
  const names = new Set<string>();
  return listAt(container, 'resizePolicy').flatMap((policy, index) => {
    const [name, restart] = [textAt(policy, 'resourceName'), textAt(policy, 'restartPolicy')];
    const isKnown = names.has(name);
    names.add(name);
    const allowed = podPolicy === 'Never' ? ['NotRequired'] : ['NotRequired', 'RestartContainer'];
    return [
      ...(['cpu', 'memory'].includes(name) ? [] : [notSupported(`${path}.resizePolicy[${index}].resourceName`, name, ['cpu', 'memory'])]), ...(isKnown ? [duplicate(`${path}.resizePolicy[${index}]`, name)] : []),
      ...(allowed.includes(restart) ? [] : [notSupported(`${path}.resizePolicy[${index}].restartPolicy`, restart, allowed)]),
    ];
  });
}

function amountOf(text: Json): bigint | undefined {
  try {
    return parseQuantity(textOf(text)).nano;
  } catch {
    return undefined;
  }
}

function checkProbe(container: JsonObject, name: string, path: string, isPlainInit: boolean): readonly FieldFault[] {
  const probe = valueAt(container, name);
  if (!isObject(probe)) return [];
  const at = `${path}.${name}`;
  if (isPlainInit) return [forbidden(at, 'may not be set for init containers without restartPolicy=Always')];
  const successes = valueAt(probe, 'successThreshold');
  const grace = valueAt(probe, 'terminationGracePeriodSeconds');
  return [
    ...checkHandler(probe, at),
    ...['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'].flatMap((key) => {
      const value = valueAt(probe, key);
      return typeof value === 'number' && value < 0 ? [invalidValue(`${at}.${key}`, value, 'must be greater than or equal to 0')] : [];
    }),
    ...(name === 'readinessProbe' && grace !== undefined && grace !== null ? [invalidValue(`${at}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes')] : []),
    ...(name !== 'readinessProbe' && typeof grace === 'number' && grace < 1 ? [invalidValue(`${at}.terminationGracePeriodSeconds`, grace, 'must be greater than 0')] : []),
    ...(name !== 'readinessProbe' && typeof successes === 'number' && successes > 1 ? [invalidValue(`${at}.successThreshold`, successes, 'must be 1')] : []),
  ];
}

function checkHooks(container: JsonObject, path: string, isPlainInit: boolean): readonly FieldFault[] {
  const hooks = valueAt(container, 'lifecycle');
  if (!isObject(hooks)) return [];
  if (isPlainInit) return [forbidden(`${path}.lifecycle`, 'may not be set for init containers without restartPolicy=Always')];
  return ['postStart', 'preStop'].flatMap((name) => {
    const hook = hooks[name];
    return isObject(hook) && hook['sleep'] === undefined ? checkHandler(hook, `${path}.lifecycle.${name}`) : [];
  });
}

function checkHandler(handler: JsonObject, path: string): readonly FieldFault[] {
  const given = HANDLERS.filter((kind) => isObject(handler[kind]));
  if (given.length === 0) return [required(path, 'must specify a handler type')];
  return [
    ...given.slice(1).map((kind) => forbidden(`${path}.${kind}`, 'may not specify more than 1 handler type')),
    ...(given[0] === 'exec' && listOf(handler, 'exec', 'command').length === 0 ? [required(`${path}.exec.command`)] : []),
    ...(['httpGet', 'tcpSocket', 'grpc'].includes(given[0] as string) ? checkHandlerPort(valueAt(handler, given[0] as string, 'port'), `${path}.${given[0]}.port`) : []),
  ];
}

const listOf = (value: JsonObject, ...path: readonly string[]): readonly Json[] => {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found as readonly Json[] : [];
};

function checkHandlerPort(port: Json | undefined, path: string): readonly FieldFault[] {
  if (typeof port === 'string' && !/^\d+$/.test(port)) return /^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(port) ? [] : [invalidValue(path, port, 'must be a name of a port')];
  return checkPort(port === undefined || port === null ? 0 : Number(port), path);
}

function checkVolume(volume: JsonObject, path: string, names: Set<string>): readonly FieldFault[] {
  const name = textAt(volume, 'name');
  const isKnown = names.has(name);
  names.add(name);
  const sources = Object.keys(volume).filter((key) => key !== 'name' && isObject(volume[key]));
  return [
    ...(name === '' ? [required(`${path}.name`)] : isKnown ? [duplicate(`${path}.name`, name)] : checkDnsLabel(name, `${path}.name`)),
    ...(sources.length === 0 ? [required(path, 'must specify a volume type')] : sources.slice(1).map((key) => forbidden(`${path}.${key}`, 'may not specify more than 1 volume type'))),
    ...checkEmptyDir(volume, path), ...checkImageVolume(volume, path),
    ...(isObject(volume['hostPath']) && textAt(volume, 'hostPath', 'path') === '' ? [required(`${path}.hostPath.path`)] : []),
    ...(isObject(volume['secret']) && textAt(volume, 'secret', 'secretName') === '' ? [required(`${path}.secret.secretName`)] : []),
    ...(isObject(volume['configMap']) && textAt(volume, 'configMap', 'name') === '' ? [required(`${path}.configMap.name`)] : []),
    ...(isObject(volume['persistentVolumeClaim']) && textAt(volume, 'persistentVolumeClaim', 'claimName') === '' ? [required(`${path}.persistentVolumeClaim.claimName`)] : []),
    ...checkClaimTemplate(volume, path),
  ];
}

function checkClaimTemplate(volume: JsonObject, path: string): readonly FieldFault[] {
  if (!isObject(volume['ephemeral'])) return [];
  const at = `${path}.ephemeral.volumeClaimTemplate`;
  const template = objectAt(volume, 'ephemeral', 'volumeClaimTemplate');
  return Object.keys(template).length === 0 ? [required(at)] : claimSpecFaults(asObject(template)).map((fault) => ({ ...fault, field: `${at}.${fault.field}` }));
}

function checkEmptyDir(volume: JsonObject, path: string): readonly FieldFault[] {
  const [medium, size] = [textAt(volume, 'emptyDir', 'medium'), valueAt(volume, 'emptyDir', 'sizeLimit')];
  const amount = size === undefined || size === null ? 0n : amountOf(size);
  return [
    ...(medium === '' || medium === 'Memory' || medium.startsWith('HugePages') ? [] : [notSupported(`${path}.emptyDir.medium`, medium, ['', 'HugePages', 'Memory'])]),
    ...(amount === undefined ? [invalidValue(`${path}.emptyDir.sizeLimit`, size, 'must be a quantity')] : amount < 0n ? [forbidden(`${path}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : []),
  ];
}

function checkImageVolume(volume: JsonObject, path: string): readonly FieldFault[] {
  if (!isObject(volume['image'])) return [];
  const pull = textAt(volume, 'image', 'pullPolicy');
  return [...(textAt(volume, 'image', 'reference') === '' ? [required(`${path}.image.reference`)] : []), ...(pull === '' || PULL_POLICIES.includes(pull) ? [] : [notSupported(`${path}.image.pullPolicy`, pull, PULL_POLICIES)])];
}

function checkToleration(toleration: JsonObject, path: string): readonly FieldFault[] {
  const [key, operator, value, effect] = [textAt(toleration, 'key'), textAt(toleration, 'operator'), textAt(toleration, 'value'), textAt(toleration, 'effect')];
  return [
    ...(key === '' && operator !== 'Exists' ? [invalidValue(`${path}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"')] : []),
    ...(operator === '' || OPERATORS.includes(operator) ? [] : [notSupported(`${path}.operator`, operator, OPERATORS)]),
    ...(operator === 'Exists' && value !== '' ? [invalidValue(`${path}.operator`, value, 'value must be empty when `operator` is \'Exists\'')] : []),
    ...(effect === '' || EFFECTS.includes(effect) ? [] : [notSupported(`${path}.effect`, effect, EFFECTS)]),
    ...(toleration['tolerationSeconds'] !== undefined && effect !== 'NoExecute' ? [invalidValue(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set")] : []),
  ];
}
