import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openText } from '#compose/testing/open-text.ts';
import type { ImageBuild } from './build-image.ts';
import { COMPOSE_VERSION } from '#compose/value/labels.ts';
import { buildxArgs } from './buildx-build.ts';

const argsFor = (build: string, secrets = '{}', more: Partial<ImageBuild> = {}): string[] => {
  const project = openText(`services:\n  base: {build: ./base}\n  web: {build: ${build}, depends_on: [base]}\nsecrets: ${secrets}\n`);
  return buildxArgs({ project, service: 'web', config: project.services.get('web') ?? {}, image: 'app-web', write: () => {}, ...more }, undefined);
};

const LABELS = ['project=app', 'service=web', `version=${COMPOSE_VERSION}`].map((entry) => `--label=com.docker.compose.${entry}`);

test('what a build says in full, as arguments of buildx', () => {
  assert.deepEqual(argsFor('{context: ., target: t, args: {A: b}, secrets: [plain, {source: word, target: other}], ssh: [default, "key=/k"], cache_to: ["type=inline"], entitlements: [network.host], platforms: [linux/amd64, linux/arm64], additional_contexts: {more: ../more, under: "service:base"}, extra_hosts: ["h:1.2.3.4"], labels: {l: m}}', '{plain: {file: ./p}, word: {environment: WORD}}').slice(2), [
    '--tag=app-web', '--target=t', '--build-arg=A=b', '--label=l=m', ...LABELS, '--platform=linux/amd64,linux/arm64', '--cache-to=type=inline', '--add-host=h=1.2.3.4',
    '--secret=id=plain,src=/app/p', '--secret=id=other,env=WORD', '--ssh=default', '--ssh=key=/k', '--allow=network.host', '--build-context=more=/more', '--build-context=under=docker-image://app-base', '--', '/app',
  ]);
});

test('a secret that a build can\'t have is refused in docker compose\'s words', () => {
  assert.throws(() => argsFor('{context: ., secrets: [far]}', '{far: {external: true}}'), { message: 'build.secrets only supports environment or file-based secrets: "far"' });
});

test('limits, rights and attestations are said too, and flags win over the file', () => {
  const build = '{context: ., ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}, privileged: true, provenance: mode=min, sbom: true}';
  assert.deepEqual(argsFor(build).slice(6, -2), ['--allow=security.insecure', '--provenance=mode=min', '--sbom=true', '--ulimit=nofile=1:2', '--ulimit=nproc=3:3']);
  assert.deepEqual(argsFor(build, '{}', { check: true, ssh: ['default'], provenance: 'false', sbom: 'false' }).slice(2, 10), ['--check', '--tag=app-web', ...LABELS, '--ssh=default', '--allow=security.insecure', '--provenance=false']);
});
