import type { Json, JsonObject } from '#base/json.ts';
import { isObject, listAt, objectAt, textAt } from './_fields.ts';

const FILE_MODE = 0o644;
/** The sources of a volume whose files have a mode. */
const WITH_MODE = ['secret', 'configMap', 'downwardAPI', 'projected'] as const;
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** Puts in what is absent: the given value stays where there is one. */
export function fill(value: JsonObject, defaults: JsonObject): JsonObject {
  const filled: Record<string, Json | undefined> = { ...value };
  for (const [key, preset] of Object.entries(defaults)) if (filled[key] === undefined || filled[key] === null) filled[key] = preset;
  return filled as JsonObject;
}

/** Changes a field where it is there. */
export function change(value: JsonObject, key: string, how: (given: Json) => Json): JsonObject {
  const given = value[key];
  return given === undefined || given === null ? value : { ...value, [key]: how(given) };
}

export function changeEach(value: JsonObject, key: string, how: (item: JsonObject) => JsonObject): JsonObject {
  return change(value, key, (list) => (Array.isArray(list) ? (list as readonly Json[]).map((item) => (isObject(item) ? how(item) : item)) : list));
}

const changeObject = (value: JsonObject, key: string, how: (given: JsonObject) => JsonObject): JsonObject => change(value, key, (given) => (isObject(given) ? how(given) : given));

/** The spec of a pod with what upstream puts in (pkg/apis/core/v1/defaults.go). */
export function defaultPodSpec(given: JsonObject): JsonObject {
  const spec = fill(given, { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst', securityContext: {}, schedulerName: 'default-scheduler' });
  const named = ['containers', 'initContainers', 'ephemeralContainers'].reduce((value, key) => changeEach(value, key, (container) => defaultContainer(container, objectAt(spec))), spec);
  return changeEach(named, 'volumes', defaultVolume);
}

/** As `defaultPodSpec`, for pods themselves: templates leave some of it to the pods that are made of them. */
export function defaultPod(given: JsonObject): JsonObject {
  const spec = defaultPodSpec(given);
  return fill({ ...spec, ...(spec['serviceAccountName'] === undefined || spec['serviceAccount'] !== undefined ? {} : { serviceAccount: spec['serviceAccountName'] }) }, { enableServiceLinks: true });
}

/** `spec.template`, where a controller has one. */
export function defaultTemplate(spec: JsonObject): JsonObject {
  return changeObject(spec, 'template', (template) => changeObject(fill(template, { metadata: {} }), 'spec', defaultPodSpec));
}

function defaultContainer(given: JsonObject, spec: JsonObject): JsonObject {
  const image = textAt(given, 'image');
  const container = fill(given, {
    imagePullPolicy: pullPolicy(image), terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', resources: {},
  });
  const hostNetwork = spec['hostNetwork'] === true;
  const ported = changeEach(container, 'ports', (port) => fill(port, { protocol: 'TCP', ...(hostNetwork && port['containerPort'] !== undefined ? { hostPort: port['containerPort'] } : {}) }));
  const probed = PROBES.reduce((value, key) => changeObject(value, key, defaultProbe), ported);
  const hooked = changeObject(probed, 'lifecycle', (hooks) => ['postStart', 'preStop'].reduce((value, key) => changeObject(value, key, defaultHandler), hooks));
  const requested = changeObject(hooked, 'resources', defaultRequests);
  return changeEach(requested, 'env', (variable) => changeObject(variable, 'valueFrom', (source) => changeObject(source, 'fieldRef', (field) => fill(field, { apiVersion: 'v1' }))));
}

/** An image that may move is always asked for. */
function pullPolicy(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  const tag = image.includes('@') ? undefined : name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: JsonObject): JsonObject {
  const filled = fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
  return changeObject(defaultHandler(filled), 'grpc', (call) => fill(call, { service: '' }));
}

function defaultHandler(handler: JsonObject): JsonObject {
  return changeObject(handler, 'httpGet', (get) => fill(get, { path: '/', scheme: 'HTTP' }));
}

/** Who sets a limit and no request asks for as much. */
function defaultRequests(resources: JsonObject): JsonObject {
  const limits = objectAt(resources, 'limits');
  return Object.keys(limits).length === 0 ? resources : { ...resources, requests: { ...limits, ...objectAt(resources, 'requests') } };
}

function defaultVolume(volume: JsonObject): JsonObject {
  if (Object.keys(volume).every((key) => key === 'name')) return { ...volume, emptyDir: {} };
  const moded = WITH_MODE.reduce((value, key) => changeObject(value, key, (source) => fill(source, { defaultMode: FILE_MODE })), volume);
  const projected = changeObject(moded, 'projected', (source) => changeEach(source, 'sources', (part) => changeObject(part, 'serviceAccountToken', (token) => fill(token, { expirationSeconds: 3600 }))));
  const fields = changeObject(projected, 'downwardAPI', (source) => changeEach(source, 'items', (item) => changeObject(item, 'fieldRef', (field) => fill(field, { apiVersion: 'v1' }))));
  const hosted = changeObject(fields, 'hostPath', (source) => fill(source, { type: '' }));
  const filled = changeObject(hosted, 'image', (source) => (textAt(source, 'reference') === '' ? source : fill(source, { pullPolicy: pullPolicy(textAt(source, 'reference')) })));
  return changeObject(filled, 'ephemeral', (source) => changeObject(source, 'volumeClaimTemplate', (template) => changeObject(template, 'spec', (claim) => fill(claim, { volumeMode: 'Filesystem' }))));
}

/** The number of all containers of a pod that count as running on. */
export function mainContainers(spec: JsonObject): readonly JsonObject[] {
  return [...listAt(spec, 'initContainers').filter((each) => each['restartPolicy'] === 'Always'), ...listAt(spec, 'containers')];
}
