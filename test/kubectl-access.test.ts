import 'reflect-metadata';
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { openPki } from '../src/main/cluster/pki.ts';
import { kubectlScenarios } from './world/cluster.ts';

const cluster = kubectlScenarios('kubectl-access-scenarios', undefined, true, (directory) => ['--audit-log', `${directory}/audit/audit.log`]);
const { scenario, ok, kubectl, kubectlWith, apply, until } = cluster;

/** A kubeconfig with these credentials and no others. */
function withUser(user: object): string {
  const config = JSON.parse(ok('config', 'view', '--raw', '-o', 'json')) as { users: object[] };
  const path = `${cluster.daemon.directory}/user.json`;
  writeFileSync(path, JSON.stringify({ ...config, users: [{ name: 'gantry-admin', user }] }), { mode: 0o600 });
  return path;
}

const withToken = (token: string): string => withUser({ token });

scenario('a user may do what his roles say, and is told what he may not', () => {
  ok('create', 'namespace', 'team');
  const refused = kubectl('get', 'pods', '-n', 'team', '--as', 'bob');
  assert.match(refused.err, /Error from server \(Forbidden\): pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "team"/);
  ok('create', 'rolebinding', 'bob', '--clusterrole', 'view', '--user', 'bob', '-n', 'team');
  ok('get', 'pods', '-n', 'team', '--as', 'bob');
  assert.equal(ok('auth', 'can-i', 'list', 'deployments.apps', '-n', 'team', '--as', 'bob'), 'yes');
  assert.equal(kubectl('auth', 'can-i', 'get', 'secrets', '-n', 'team', '--as', 'bob').out.trim(), 'no');
  assert.match(ok('auth', 'can-i', '--list', '-n', 'team', '--as', 'bob'), /^deployments\.apps .*\[get list watch\]$/m);
  assert.match(ok('auth', 'whoami', '--as', 'bob', '--as-group', 'x'), /Username +bob\nGroups +\[x system:authenticated\]/);
  assert.match(kubectl('create', 'rolebinding', 'up', '--clusterrole', 'cluster-admin', '--user', 'bob', '-n', 'team', '--as', 'eve').err, /cannot create resource "rolebindings"/);
  assert.match(kubectl('get', '--raw', '/metrics', '--as', 'bob').err, /User "bob" cannot get path "\/metrics"/);
  assert.match(ok('get', '--raw', '/metrics'), /^apiserver_request_total\{code="200",.*resource="pods",.*verb="LIST",version="v1"\} \d+$/m);
  assert.equal(ok('get', '--raw', '/readyz?verbose'), '[+]ping ok\n[+]etcd ok\nreadyz check passed');
  const node = ok('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}');
  assert.equal(ok('get', '--raw', `/api/v1/nodes/${node}/proxy/healthz`), 'ok');
  assert.equal((JSON.parse(ok('get', '--raw', `/api/v1/nodes/${node}:10250/proxy/stats/summary`)) as { node: { nodeName: string } }).node.nodeName, node);
  assert.match(ok('get', '--raw', `/api/v1/nodes/${node}/proxy/metrics/resource`), /^node_cpu_usage_seconds_total [\d.]+ \d+$/m);
  assert.match(kubectl('get', '--raw', `/api/v1/nodes/${node}/proxy/pods`, '--as', 'bob').err, /User "bob" cannot get resource "nodes\/proxy"/);
  assert.match(kubectl('get', '--raw', `/api/v1/nodes/${node}:22/proxy/`).err, /address not allowed/);
  assert.match(ok('get', 'componentstatuses'), /^NAME +STATUS +MESSAGE +ERROR\n(?:\S+ +Healthy +ok *\n?){3}$/);
  ok('delete', 'namespace', 'team', '--wait=false');
});

scenario('a pod has the token of its service account, and is that account to the API', async () => {
  ok('create', 'serviceaccount', 'robot');
  ok('create', 'rolebinding', 'robot', '--clusterrole', 'view', '--serviceaccount', 'default:robot');
  const files = '/var/run/secrets/kubernetes.io/serviceaccount';
  apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'program' }, spec: { serviceAccountName: 'robot', terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command: ['sleep', '1000'], securityContext: { runAsUser: 1000 } }] } });
  ok('wait', 'pod', 'program', '--for=condition=Ready', '--timeout=20s');
  const [space, certificate, token] = ok('exec', 'program', '--', 'sh', '-c', `cd ${files}; cat namespace; echo; cat ca.crt | head -1; cat token`).split('\n') as [string, string, string];
  assert.deepEqual([space, certificate], ['default', '-----BEGIN CERTIFICATE-----']);
  const as = ['--kubeconfig', withToken(token)];
  assert.match(ok('auth', 'whoami', ...as), /Username +system:serviceaccount:default:robot\n/);
  assert.equal(ok('get', 'pods', '-o', 'name', ...as), 'pod/program');
  assert.match(kubectl('get', 'secrets', ...as).err, /User "system:serviceaccount:default:robot" cannot list resource "secrets"/);
  ok('delete', 'pod', 'program', '--force', '--grace-period=0', '--wait=false');
  await until(() => kubectl('get', 'pods', ...as), ({ code, err }) => code !== 0 && err.includes('Unauthorized'));
  const fresh = ok('create', 'token', 'robot', '--duration', '10m');
  assert.equal(ok('auth', 'can-i', 'list', 'pods', '--kubeconfig', withToken(fresh)), 'yes');
  assert.match(kubectl('get', 'pods', '--kubeconfig', withToken(`${fresh}x`)).err, /Unauthorized/);
  const review = (apiVersion: string, kind: string, spec: object): string => kubectlWith(JSON.stringify({ apiVersion, kind, spec }), 'create', '-f', '-', '-o', 'jsonpath={.status.user.username}{.status.allowed}').out;
  assert.equal(review('authentication.k8s.io/v1', 'TokenReview', { token: fresh }), 'system:serviceaccount:default:robot');
  assert.equal(review('authorization.k8s.io/v1', 'SubjectAccessReview', { user: 'eve', resourceAttributes: { verb: 'get', resource: 'pods' } }), 'false');
});

scenario('a node reads what its own pods need, and writes itself alone', async () => {
  ok('create', 'secret', 'generic', 'mounted', '--from-literal=a=b');
  ok('create', 'secret', 'generic', 'other', '--from-literal=a=b');
  apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'needs' }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command: ['sleep', '1000'], envFrom: [{ secretRef: { name: 'mounted' } }] }] } });
  const node = await until(() => ok('get', 'pod', 'needs', '-o', 'jsonpath={.spec.nodeName}'), (name) => name !== '');
  const as = ['--as', `system:node:${node}`, '--as-group', 'system:nodes'];
  await until(() => kubectl('get', 'secret', 'mounted', ...as).code, (code) => code === 0);
  assert.match(kubectl('get', 'secret', 'other', ...as).err, new RegExp(`User "system:node:${node}" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node '${node}' and this object`));
  assert.match(kubectl('label', 'node', node, 'node-restriction.kubernetes.io/zone=safe', ...as).err, /is not allowed to modify labels: node-restriction\.kubernetes\.io\/zone/);
  assert.match(kubectl('delete', 'node', node, ...as).err, /cannot delete resource "nodes"/);
});

scenario('a certificate that is asked for and approved is a user with groups', async () => {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({ name: 'CN=ann, O=dev', keys, signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' } }, webcrypto);
  apply({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'ann' }, spec: { request: Buffer.from(request.toString('pem')).toString('base64'), signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], expirationSeconds: 3600 } });
  ok('certificate', 'approve', 'ann');
  const certificate = await until(() => ok('get', 'csr', 'ann', '-o', 'jsonpath={.status.certificate}'), (text) => text !== '');
  const key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64').replace(/(.{64})/g, '$1\n').trimEnd();
  const pem = `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----\n`;
  assert.match(ok('auth', 'whoami', '--kubeconfig', withUser({ 'client-certificate-data': certificate, 'client-key-data': Buffer.from(pem).toString('base64') })), /Username +ann\nGroups +\[dev system:authenticated\]/);
  ok('delete', 'csr', 'ann');
});

scenario('a namespace keeps its quota, its standard of security and its policies', async () => {
  ok('create', 'namespace', 'tight');
  ok('create', 'quota', 'few', '--hard=configmaps=2', '-n', 'tight');
  const used = (): string => ok('get', 'quota', 'few', '-n', 'tight', '-o', 'jsonpath={.status.used.configmaps}');
  await until(used, (count) => count === '1');
  ok('create', 'configmap', 'a', '-n', 'tight');
  assert.match(kubectl('create', 'configmap', 'b', '-n', 'tight').err, /configmaps "b" is forbidden: exceeded quota: few, requested: configmaps=1, used: configmaps=2, limited: configmaps=2/);
  ok('delete', 'configmap', 'a', '-n', 'tight');
  await until(used, (count) => count === '1');
  ok('label', 'namespace', 'tight', 'pod-security.kubernetes.io/enforce=baseline', 'pod-security.kubernetes.io/warn=restricted');
  assert.match(kubectl('run', 'p', '--image=busybox', '--privileged', '-n', 'tight').err, /pods "p" is forbidden: violates PodSecurity "baseline:latest": privileged \(container "p" must not set securityContext\.privileged=true\)/);
  assert.match(kubectl('create', 'deployment', 'd', '--image=busybox', '--replicas=0', '-n', 'tight').err, /Warning: would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false/);
  apply(
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name: 'named' }, spec: { matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] }] }, validations: [{ expression: "object.metadata.name.matches('^ok')" }] } },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name: 'tight' }, spec: { policyName: 'named', validationActions: ['Deny'], matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'tight' } } } } },
  );
  await until(() => kubectl('create', 'secret', 'generic', 'bad', '-n', 'tight', '--dry-run=server').err, (text) => /ValidatingAdmissionPolicy 'named' with binding 'tight' denied request: failed expression: object\.metadata\.name\.matches\('\^ok'\)/.test(text));
  ok('create', 'secret', 'generic', 'okay', '-n', 'tight');
  ok('delete', 'validatingadmissionpolicy/named', 'validatingadmissionpolicybinding/tight', 'namespace/tight', '--wait=false');
});

scenario('a policy changes what is written, by a configuration and by a patch', async () => {
  apply(
    {
      apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicy', metadata: { name: 'marked' },
      spec: {
        matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['secrets'] }] }, reinvocationPolicy: 'IfNeeded', matchConditions: [{ name: 'named', expression: "object.metadata.name.startsWith('to-mark')" }],
        mutations: [
          { patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"by": request.userInfo.username}}}' } },
          { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/metadata/annotations", value: {"example.com/mark": "yes"}}]' } },
        ],
      },
    },
    { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingAdmissionPolicyBinding', metadata: { name: 'marked' }, spec: { policyName: 'marked' } },
  );
  const shown = ['-o', 'jsonpath={.metadata.labels.by} {.metadata.annotations}'];
  await until(() => ok('create', 'secret', 'generic', 'to-mark', '--dry-run=server', ...shown), (text) => text === 'kubernetes-admin {"example.com/mark":"yes"}');
  assert.equal(ok('create', 'secret', 'generic', 'other', ...shown), '');
  assert.match(ok('get', 'mutatingadmissionpolicies'), /^NAME +MUTATIONS +PARAMKIND +AGE\nmarked +2 +<unset> /);
  ok('delete', 'mutatingadmissionpolicy/marked', 'mutatingadmissionpolicybinding/marked');
});

const lamp = (name: string, spec: object): object => ({ apiVersion: 'example.com/v1', kind: 'Lamp', metadata: { name }, spec });
const lampSchema = {
  type: 'object', required: ['spec'], properties: {
    spec: {
      type: 'object', description: 'How the lamp is to shine', required: ['colour'],
      properties: {
        colour: { type: 'string', enum: ['red', 'green'], description: 'What it looks like' }, level: { type: 'integer', minimum: 0, default: 5 }, most: { type: 'integer', default: 10 },
        parts: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, size: { type: 'integer' } } } },
      },
      'x-kubernetes-validations': [{ rule: 'self.level <= self.most', messageExpression: '"level " + string(self.level) + " is above " + string(self.most)' }, { rule: 'self.colour == oldSelf.colour', message: 'the colour stays' }],
    },
    status: { type: 'object', properties: { level: { type: 'integer' } } },
  },
};
const lamps = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'lamps.example.com' },
  spec: {
    group: 'example.com', scope: 'Namespaced', names: { plural: 'lamps', kind: 'Lamp', shortNames: ['lp'] },
    versions: [
      { name: 'v1beta1', served: true, storage: false, deprecated: true, schema: { openAPIV3Schema: lampSchema } },
      {
        name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: lampSchema }, subresources: { status: {}, scale: { specReplicasPath: '.spec.level', statusReplicasPath: '.status.level' } },
        additionalPrinterColumns: [{ name: 'Colour', type: 'string', jsonPath: '.spec.colour' }, { name: 'Level', type: 'integer', jsonPath: '.spec.level' }],
      },
    ],
  },
};

scenario('a kind that users add is served, explained, checked and owned like those that are built in', async () => {
  apply(lamps);
  ok('wait', 'crd/lamps.example.com', '--for=condition=Established', '--timeout=10s');
  await until(() => kubectl('explain', 'lamp.spec.colour').out, (text) => text.includes('What it looks like'));
  assert.equal(cluster.kubectlWith(JSON.stringify(lamp('hall', { colour: 'red', parts: [{ name: 'a', size: 1 }] })), 'create', '-f', '-').code, 0);
  assert.match(ok('get', 'lp'), /^NAME +COLOUR +LEVEL\nhall +red +5$/);
  const refused = (object: object): string => cluster.kubectlWith(JSON.stringify(object), 'apply', '-f', '-').err;
  assert.match(refused(lamp('bad', { colour: 'blue', level: -1 })), /The Lamp "bad" is invalid: \n?.*spec\.colour: Unsupported value: "blue": supported values: "red", "green"/);
  assert.match(refused(lamp('bad', { colour: 'red', level: 11 })), /spec: Invalid value: "object": level 11 is above 10/);
  assert.match(kubectl('patch', 'lamp', 'hall', '--type=merge', '-p', '{"spec":{"colour":"green"}}').err, /spec: Invalid value: "object": the colour stays/);
  assert.match(refused(lamp('bad', { colour: 'red', shade: 1 })), /strict decoding error: unknown field "spec\.shade"/);
  const path = `${cluster.daemon.directory}/lamp.json`;
  writeFileSync(path, JSON.stringify(lamp('hall', { colour: 'red', parts: [{ name: 'b', size: 2 }] })));
  ok('apply', '--server-side', '--field-manager', 'other', '-f', path);
  assert.equal(ok('get', 'lamp', 'hall', '-o', 'jsonpath={.spec.parts[*].name}'), 'a b');
  ok('scale', 'lamp', 'hall', '--replicas=7');
  ok('patch', 'lamp', 'hall', '--subresource=status', '--type=merge', '-p', '{"spec":{"level":1},"status":{"level":3}}');
  const old = kubectl('get', 'lamps.v1beta1.example.com', 'hall', '-o', 'jsonpath={.apiVersion} {.spec.level} {.status.level}');
  assert.deepEqual([old.out, /Warning: example\.com\/v1beta1 Lamp is deprecated/.test(old.err)], ['example.com/v1beta1 7 3', true]);
  ok('delete', 'crd', 'lamps.example.com', '--timeout=20s');
  await until(() => kubectl('get', 'lamps'), ({ err }) => /the server doesn't have a resource type|could not find the requested resource/.test(err));
});

scenario('a server of a group of its own stands behind the API: found, asked in the name of who asks, and told lost', async () => {
  const { directory } = cluster.daemon;
  const { ca, server } = await openPki(`${directory}/wardle`, ['api.default.svc'], []);
  const files = ['wardle.crt', 'wardle.key', 'front-proxy-ca.crt'].map((name) => `${directory}/${name}`) as [string, string, string];
  const proxyCa = ok('get', 'configmap', 'extension-apiserver-authentication', '-n', 'kube-system', '-o', 'jsonpath={.data.requestheader-client-ca-file}');
  [server.cert, server.key, proxyCa].forEach((text, index) => writeFileSync(files[index] as string, `${text}\n`, { mode: 0o600 }));
  const address = ok('get', 'endpoints', 'kubernetes', '-o', 'jsonpath={.subsets[0].addresses[0].ip}');
  const extension = spawn(process.execPath, [new URL('world/extension-server.ts', import.meta.url).pathname, ...files, address], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = Number(await new Promise<string>((resolve) => extension.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim()))));
    const registered = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.wardle.example.com' }, spec: { group: 'wardle.example.com', version: 'v1', service: { namespace: 'default', name: 'api' }, caBundle: Buffer.from(ca).toString('base64'), groupPriorityMinimum: 1500, versionPriority: 15 } };
    apply(registered);
    const shown = (): string => ok('get', 'apiservices', 'v1.wardle.example.com', '--no-headers');
    await until(shown, (line) => /^v1\.wardle\.example\.com +default\/api +False \(ServiceNotFound\) /.test(line));
    assert.match(ok('get', 'apiservices'), /^v1\.apps +Local +True +\S+$/m);
    assert.match(kubectlWith(JSON.stringify({ ...registered, metadata: { name: 'wrong' } }), 'create', '-f', '-').err, /metadata\.name: Invalid value: "wrong": must be `spec\.version\+"\."\+spec\.group`: "v1\.wardle\.example\.com"/);
    apply(
      { apiVersion: 'v1', kind: 'Service', metadata: { name: 'api' }, spec: { ports: [{ port: 443, targetPort: port }] } },
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } }, addressType: 'IPv4', ports: [{ port }], endpoints: [{ addresses: [address], conditions: { ready: true } }] },
    );
    await until(shown, (line) => / True +\S+$/.test(line));
    assert.match(ok('api-resources', '--api-group', 'wardle.example.com', '--no-headers'), /^flunders +fl +wardle\.example\.com\/v1 +true +Flunder$/);
    assert.equal(ok('get', 'fl', 'one', '-o', 'jsonpath={.metadata.annotations.user} {.metadata.annotations.groups}'), 'kubernetes-admin system:masters,system:authenticated');
    assert.match(kubectl('get', 'flunders', '--as', 'bob').err, /flunders\.wardle\.example\.com is forbidden: User "bob" cannot list resource "flunders" in API group "wardle\.example\.com" in the namespace "default"/);
    assert.match(ok('get', 'fl', '-o', 'jsonpath={.items[*].metadata.annotations.user}', '--as', 'bob', '--as-group', 'system:masters'), /^bob$/);
    const watching = cluster.running(['get', 'fl', '--watch-only', '-o', 'name']);
    await until(watching.out, (text) => text === 'flunder.wardle.example.com/two\n');
    watching.end();
    extension.kill('SIGKILL');
    await until(() => kubectl('get', 'fl', 'one').err, (text) => text.includes('Error from server (ServiceUnavailable)'));
    await until(shown, (line) => line.includes('False (FailedDiscoveryCheck)'));
    ok('delete', 'apiservice/v1.wardle.example.com', 'endpointslice/api-1');
    await until(() => kubectl('get', 'flunders').err, (text) => /the server doesn't have a resource type "flunders"|could not find the requested resource/.test(text));
  } finally {
    extension.kill('SIGKILL');
  }
});

/** Webhooks of a program of their own, which ends with the work; `client` is how one of them is asked. */
async function withHooks(work: (client: (path: string) => object, hooks: ChildProcess) => Promise<void>): Promise<void> {
  const { directory } = cluster.daemon;
  const { ca, server } = await openPki(`${directory}/hooks`, ['localhost'], ['127.0.0.1']);
  const [certificate, key] = ['hook.crt', 'hook.key'].map((name) => `${directory}/${name}`) as [string, string];
  writeFileSync(certificate, server.cert);
  writeFileSync(key, server.key, { mode: 0o600 });
  const hooks = spawn(process.execPath, [new URL('world/webhook-server.ts', import.meta.url).pathname, certificate, key], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const port = await new Promise<string>((resolve) => hooks.stdout.once('data', (bytes: Buffer) => resolve(bytes.toString().trim())));
    await work((path) => ({ url: `https://127.0.0.1:${port}/${path}`, caBundle: Buffer.from(ca).toString('base64') }), hooks);
  } finally {
    hooks.kill('SIGKILL');
  }
}

scenario('webhooks change, refuse and fail what is written as on any cluster', async () => {
  await withHooks(async (client) => {
    const hook = (path: string, more: object): object => ({
      name: `${path}.example.com`, clientConfig: client(path), sideEffects: 'None', admissionReviewVersions: ['v1'], timeoutSeconds: 1,
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }], namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'hooked' } }, ...more,
    });
    ok('create', 'namespace', 'hooked');
    apply(
      { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration', metadata: { name: 'hooks' }, webhooks: [hook('label', {})] },
      { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', metadata: { name: 'hooks' }, webhooks: [hook('deny', { matchConditions: [{ name: 'wrong', expression: "object.metadata.name == 'wrong'" }] }), hook('silent', { matchConditions: [{ name: 'slow', expression: "object.metadata.name == 'slow'" }] })] },
    );
    // A configuration is heeded once the server's own watch has told of it.
    await until(() => kubectl('create', 'configmap', 'wrong', '-n', 'hooked', '--dry-run=server'), ({ err }) => err.includes('admission webhook "deny.example.com" denied the request: no CREATE here'));
    const made = kubectl('create', 'configmap', 'fine', '-n', 'hooked');
    assert.match(made.err, /Warning: labelled/);
    assert.equal(ok('get', 'configmap', 'fine', '-n', 'hooked', '-o', 'jsonpath={.metadata.labels.hooked}'), 'yes');
    const slow = cluster.running(['create', 'configmap', 'slow', '-n', 'hooked']);
    ok('get', 'configmaps', '-n', 'hooked');
    await until(() => slow.err(), (text) => text !== '');
    assert.match(slow.err(), /failed calling webhook "silent\.example\.com": failed to call webhook: Post "https:\/\/127\.0\.0\.1:\d+\/silent\?timeout=1s": context deadline exceeded/);
    ok('delete', 'mutatingwebhookconfiguration,validatingwebhookconfiguration', 'hooks');
    await until(() => kubectl('create', 'configmap', 'wrong', '-n', 'hooked', '--dry-run=server').code, (code) => code === 0);
    ok('delete', 'namespace', 'hooked', '--wait=false');
  });
});

scenario('a webhook makes one version of a kind of another, and without it what is stored is there', async () => {
  await withHooks(async (client, hooks) => {
    const version = (name: string, field: string, type: string): object => ({ name, served: true, storage: name === 'v1', schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { [field]: { type } } } } } } });
    apply({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'bulbs.example.com' }, spec: {
      group: 'example.com', scope: 'Namespaced', names: { plural: 'bulbs', singular: 'bulb', kind: 'Bulb' }, versions: [version('v2', 'power', 'string'), version('v1', 'watts', 'integer')],
      conversion: { strategy: 'Webhook', webhook: { clientConfig: client('convert'), conversionReviewVersions: ['v1'] } },
    } });
    ok('wait', 'crd/bulbs.example.com', '--for=condition=Established', '--timeout=10s');
    const bulb = { apiVersion: 'example.com/v2', kind: 'Bulb', metadata: { name: 'hall' }, spec: { power: '40 W' } };
    await until(() => kubectlWith(JSON.stringify(bulb), 'apply', '-f', '-'), ({ code }) => code === 0);
    assert.equal(ok('get', 'bulbs.v1.example.com', 'hall', '-o', 'jsonpath={.apiVersion} {.spec}'), 'example.com/v1 {"watts":40}');
    apply({ ...bulb, spec: { power: '60 W' } });
    assert.equal(ok('get', 'bulbs', '-o', 'jsonpath={.items[*].spec}'), '{"power":"60 W"}');
    hooks.kill('SIGKILL');
    ok('patch', 'bulbs.v1.example.com', 'hall', '--type=merge', '-p', '{"spec":{"watts":75}}');
    assert.match(kubectl('get', 'bulbs', 'hall').err, /^Error from server: conversion webhook for example\.com\/v1, Kind=Bulb failed: Post "https:\/\/127\.0\.0\.1:\d+\/convert\?timeout=30s": /);
    assert.equal(ok('get', 'bulbs.v1.example.com', 'hall', '-o', 'jsonpath={.spec.watts}'), '75');
    ok('delete', 'crd', 'bulbs.example.com', '--timeout=20s');
  });
});

scenario('a pod that runs sees what its ConfigMaps and Secrets have become, and its hooks are run', async () => {
  apply(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf' }, data: { greeting: 'hi' } }, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key' }, data: { bytes: Buffer.of(0xff, 0x00, 0x80).toString('base64') } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'follower' }, spec: {
      terminationGracePeriodSeconds: 20, volumes: [{ name: 'conf', configMap: { name: 'conf' } }, { name: 'key', secret: { secretName: 'key', defaultMode: 0o400 } }, { name: 'notes', hostPath: { path: `${cluster.daemon.directory}/notes`, type: 'DirectoryOrCreate' } }],
      containers: [{
        name: 'c', image: 'busybox', command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'], volumeMounts: [{ name: 'conf', mountPath: '/conf' }, { name: 'key', mountPath: '/key' }, { name: 'notes', mountPath: '/notes' }],
        lifecycle: { postStart: { exec: { command: ['sh', '-c', 'echo began > /notes/began'] } }, preStop: { exec: { command: ['sh', '-c', 'echo ends > /notes/ends'] } } },
      }],
    } },
  );
  ok('wait', 'pod', 'follower', '--for=condition=Ready', '--timeout=20s');
  assert.equal(ok('exec', 'follower', '--', 'sh', '-c', 'cat /conf/greeting; echo; od -An -tx1 /key/bytes; cat /notes/began'), 'hi\n ff 00 80\nbegan');
  apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf' }, data: { greeting: 'ho', more: 'x' } });
  await until(() => ok('exec', 'follower', '--', 'cat', '/conf/greeting'), (text) => text === 'ho');
  ok('delete', 'pod', 'follower');
  assert.equal(readFileSync(`${cluster.daemon.directory}/notes/ends`, 'utf8'), 'ends\n');
  apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'root' }, spec: { terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command: ['true'], securityContext: { runAsNonRoot: true } }] } });
  await until(() => ok('get', 'pod', 'root', '-o', 'jsonpath={.status.containerStatuses[0].state.waiting.reason}'), (reason) => reason === 'CreateContainerConfigError');
});

scenario('who asked for what is in the audit log, and no secret is', async () => {
  interface Told { readonly verb: string; readonly stage: string; readonly user: { readonly username?: string }; readonly objectRef?: { readonly resource: string; readonly name?: string; readonly subresource?: string }; readonly responseStatus?: { readonly code: number }; readonly annotations?: Readonly<Record<string, string>> }
  const text = (): string => readFileSync(`${cluster.daemon.directory}/audit/audit.log`, 'utf8');
  const told = (is: (event: Told) => boolean): Promise<readonly Told[]> => until(() => text().split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Told).filter(is), (events) => events.length > 0);
  ok('create', 'secret', 'generic', 'hidden', '--from-literal=word=very-secret-word');
  ok('get', 'secret', 'hidden', '-o', 'yaml');
  const [read] = await told(({ verb, objectRef }) => verb === 'get' && objectRef?.resource === 'secrets' && objectRef.name === 'hidden');
  assert.deepEqual([read?.stage, read?.user.username, read?.responseStatus?.code, read?.annotations?.['authorization.k8s.io/decision']], ['ResponseComplete', 'kubernetes-admin', 200, 'allow']);
  kubectl('get', 'secrets', '--as', 'eve');
  const [refused] = await told(({ verb, objectRef, responseStatus }) => verb === 'list' && objectRef?.resource === 'secrets' && responseStatus?.code === 403);
  assert.equal(refused?.annotations?.['authorization.k8s.io/decision'], 'forbid');
  const token = ok('create', 'token', 'default');
  kubectl('get', 'pods', '--kubeconfig', withToken('wrong'));
  await told(({ responseStatus }) => responseStatus?.code === 401);
  for (const hidden of ['very-secret-word', Buffer.from('very-secret-word').toString('base64'), token]) assert.ok(!text().includes(hidden));
});

scenario('a pod that matters more takes the place of one that matters less', async () => {
  const cpus = Number(ok('get', 'nodes', '-o', 'jsonpath={.items[0].status.allocatable.cpu}'));
  const pod = (name: string, priorityClassName: string): object => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { priorityClassName, terminationGracePeriodSeconds: 1, containers: [{ name: 'c', image: 'busybox', command: ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'], resources: { requests: { cpu: `${cpus * 600}m` } } }] },
  });
  apply({ apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'urgent' }, value: 1000 }, { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'whenever' }, value: 1 }, pod('less', 'whenever'));
  ok('wait', 'pod', 'less', '--for=condition=Ready', '--timeout=20s');
  apply(pod('more', 'urgent'));
  ok('wait', 'pod', 'more', '--for=condition=Ready', '--timeout=30s');
  assert.notEqual(kubectl('get', 'pod', 'less').code, 0);
  await until(() => ok('get', 'events', '--field-selector', 'involvedObject.name=less,reason=Preempted', '-o', 'jsonpath={.items[*].message}'), (text) => /^Preempted by pod [-0-9a-f]{36} on node /.test(text));
  ok('delete', 'priorityclass', 'urgent', 'whenever');
});
