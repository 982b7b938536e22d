import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#base/json.ts';
import type { Step } from '../graph.ts';
import type { Operation, RunOperation } from '../operation.ts';
import { readAttestationRequest } from './attestation-request.ts';
import { installedPackages, MANIFEST_PATTERNS } from './installed-packages.ts';
import { provenancePredicate, type FinishedBuild } from './provenance.ts';
import { spdxPredicate } from './spdx.ts';

const asked = (values: Readonly<Record<string, string>>): ReturnType<typeof readAttestationRequest> => readAttestationRequest(new Map(Object.entries(values)));

test('what is asked for is read, and what is not there refused by name', () => {
  assert.deepEqual(asked({ 'attest:provenance': 'mode=min,inline-only=true' }).provenance, { mode: 'min', version: 'v0.2', builderId: '', isReproducible: false, isInlineOnly: true });
  assert.deepEqual(asked({ 'attest:provenance': '', 'attest:sbom': 'disabled=true' }), { provenance: { mode: 'max', version: 'v0.2', builderId: '', isReproducible: false, isInlineOnly: false }, sbom: false });
  assert.equal(asked({ 'build-arg:BUILDKIT_ATTEST_SBOM': '' }).sbom, true);
  assert.equal(asked({ 'attest:sbom': 'generator=gantry' }).sbom, true);
  assert.throws(() => asked({ 'attest:sbom': 'generator=docker/scout-sbom-indexer:latest' }), /the SBOM generator docker\/scout-sbom-indexer:latest is not run/);
  assert.throws(() => asked({ 'attest:vex': '' }), /unknown attestation type "vex"/);
  assert.throws(() => asked({ 'attest:provenance': 'mode=most' }), /invalid mode "most"/);
  assert.throws(() => asked({ 'attest:provenance': 'version=v2' }), /invalid provenance SLSA version: v2/);
  assert.throws(() => asked({ 'attest:sbom': 'depth=2' }), /the option depth of attestations of type sbom is not supported/);
});

const image: Step<Operation> = { op: { kind: 'image', title: 'FROM', layers: [], source: { reference: 'docker.io/library/debian:12', digest: `sha256:${'a'.repeat(64)}` } }, inputs: [], ignoresCache: false };
const run: RunOperation = {
  kind: 'run', architecture: 'amd64', title: 'RUN', lines: { start: 2, end: 3 }, hasBase: true, args: ['/bin/sh', '-c', 'true'], env: ['A=b'], proxyEnv: ['HTTPS_PROXY=http://user:password@proxy'], workingDir: '/', user: '', network: 'default', isInsecure: false, session: 's',
  mounts: [{ kind: 'secret', target: '/s', id: 'key', isRequired: true, mode: 0o400, uid: 0, gid: 0 }], machine: { hostname: '', extraHosts: [], ulimits: [] },
};
const build: FinishedBuild = {
  ref: 'r', startedNs: 0n, finishedNs: 1_500_000_000n, node: { op: run, inputs: [{ step: image }], ignoresCache: false }, source: { fileName: 'Dockerfile', base64: 'RlJPTQ==' },
  attributes: new Map([['filename', 'Dockerfile'], ['build-arg:TOKEN', 'secret-value'], ['label:l', 'v'], ['vcs:source', 'https://me:pass@host/r'], ['attest:provenance', ''], ['platform', 'linux/amd64'], ['target', 't']]),
  platform: { os: 'linux', architecture: 'amd64' }, builderPlatform: 'linux/amd64',
};
const request = { mode: 'max', version: 'v0.2', builderId: 'b', isReproducible: false, isInlineOnly: false } as const;

test('provenance tells materials and steps, and in its least form no arguments', () => {
  const max = provenancePredicate(build, request);
  assert.equal(max.type, 'https://slsa.dev/provenance/v0.2');
  const value = max.value as JsonObject;
  assert.deepEqual(value['materials'], [{ uri: 'pkg:docker/debian@12?platform=linux%2Famd64', digest: { sha256: 'a'.repeat(64) } }]);
  assert.deepEqual((value['invocation'] as JsonObject)['parameters'], {
    frontend: 'dockerfile.v0', args: { 'build-arg:TOKEN': 'secret-value', 'label:l': 'v', target: 't' }, secrets: [{ id: 'key' }], locals: [{ name: 'context' }, { name: 'dockerfile' }],
  });
  const steps = (value['buildConfig'] as JsonObject)['llbDefinition'] as JsonObject[];
  assert.deepEqual(steps.map(({ id, inputs }) => [id, inputs]), [['step0', undefined], ['step1', ['step0:0']]]);
  const text = JSON.stringify(max);
  assert.ok(!text.includes('password') && !text.includes(':pass@'), text);
  const min = JSON.stringify(provenancePredicate(build, { ...request, mode: 'min' }));
  for (const word of ['secret-value', 'llbDefinition', '"key"', 'RlJPTQ==', '"label:l"']) assert.ok(!min.includes(word), word);
  assert.match(min, /"parameters":false/);
  const v1 = provenancePredicate(build, { ...request, version: 'v1' });
  assert.equal(v1.type, 'https://slsa.dev/provenance/v1');
  assert.deepEqual(Object.keys(v1.value as JsonObject), ['buildDefinition', 'runDetails']);
});

const DPKG = 'Package: libstdc++6\nStatus: install ok installed\nMaintainer: Debian GCC <gcc@example.org>\nArchitecture: amd64\nVersion: 12.2.0-14\nDescription: text\n Package: not this\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n';

test('packages are found by what package managers keep', () => {
  const files = [
    { path: 'etc/os-release', text: 'NAME="Debian"\nID=debian\nVERSION_ID="12"\n' },
    { path: 'var/lib/dpkg/status', text: DPKG },
    { path: 'app/node_modules/@scope/a/package.json', text: '{"name":"@scope/a","version":"1.2.3","license":"MIT"}' },
    { path: 'app/node_modules/broken/package.json', text: '{' },
    { path: 'usr/lib/python3/dist-packages/Flask_X-2.0.dist-info/METADATA', text: 'Metadata-Version: 2.1\nName: Flask_X\nVersion: 2.0\nLicense: BSD-3-Clause\n\nName: not this\n' },
    { path: 'lib/apk/db/installed', text: 'C:Q1\nP:musl\nV:1.2.5-r0\nA:x86_64\nL:MIT\n\n' },
  ];
  for (const { path } of files) assert.ok(MANIFEST_PATTERNS.some((pattern) => new RegExp(pattern).test(path)), path);
  assert.deepEqual(installedPackages(files).map(({ url, license }) => [url, license]), [
    ['pkg:apk/debian/musl@1.2.5-r0?arch=x86_64&distro=debian-12', 'MIT'], ['pkg:deb/debian/libstdc%2B%2B6@12.2.0-14?arch=amd64&distro=debian-12', ''],
    ['pkg:npm/%40scope/a@1.2.3', 'MIT'], ['pkg:pypi/flask-x@2.0', 'BSD-3-Clause'],
  ]);
});

test('a bill of materials is SPDX 2.3, the same for the same', () => {
  const bill = { name: 'app:1', digest: `sha256:${'b'.repeat(64)}`, createdNs: 1_700_000_000_123_000_000n, tool: 'gantry-1', packages: installedPackages([{ path: 'var/lib/dpkg/status', text: DPKG }]) };
  const { type, value } = spdxPredicate(bill);
  assert.equal(type, 'https://spdx.dev/Document');
  const document = value as { spdxVersion: string; creationInfo: { created: string }; packages: { SPDXID: string }[]; relationships: { relationshipType: string; relatedSpdxElement: string }[] };
  assert.equal(document.creationInfo.created, '2023-11-14T22:13:20Z');
  assert.deepEqual(document.packages.map(({ SPDXID }) => SPDXID), ['SPDXRef-DocumentRoot-Image', 'SPDXRef-Package-1']);
  assert.deepEqual(document.relationships.map(({ relationshipType }) => relationshipType), ['DESCRIBES', 'CONTAINS']);
  assert.deepEqual(spdxPredicate(bill), { type, value });
});
