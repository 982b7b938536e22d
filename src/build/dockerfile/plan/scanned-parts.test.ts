import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planDockerfile } from './plan-dockerfile.ts';
import { scannedParts } from './scanned-parts.ts';

const FILE = 'FROM scratch AS one\nCOPY a /a\nFROM scratch AS two\nCOPY b /b\nFROM scratch AS unused\nFROM scratch\nCOPY --from=one /a /\nCOPY --from=two /b /\n';
const read = (text: string, buildArgs: Readonly<Record<string, string>> = {}): ReturnType<typeof scannedParts> => scannedParts(planDockerfile(text, { buildPlatform: { os: 'linux', architecture: 'amd64' }, buildArgs: new Map(Object.entries(buildArgs)) }));

test('stages and the context are scanned where an argument says so', () => {
  assert.deepEqual(read(FILE), { stages: [], context: false });
  assert.deepEqual(read(FILE, { BUILDKIT_SBOM_SCAN_STAGE: 'true', BUILDKIT_SBOM_SCAN_CONTEXT: '1' }), { stages: [0, 1], context: true });
  assert.deepEqual(read(FILE, { BUILDKIT_SBOM_SCAN_STAGE: 'two, unused' }), { stages: [1], context: false });
  assert.deepEqual(read(`ARG BUILDKIT_SBOM_SCAN_STAGE=true\n${FILE}`, { BUILDKIT_SBOM_SCAN_STAGE: 'false' }), { stages: [], context: false });
  assert.deepEqual(read(`ARG BUILDKIT_SBOM_SCAN_STAGE=one\n${FILE}`), { stages: [0], context: false });
  assert.deepEqual(read(FILE.replace('COPY b /b', 'ARG BUILDKIT_SBOM_SCAN_STAGE=true BUILDKIT_SBOM_SCAN_CONTEXT=true\nCOPY b /b')), { stages: [1], context: true });
});
