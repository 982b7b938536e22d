import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { emptyBase, evaluateStage } from '#build/dockerfile/evaluate/evaluate-stage.ts';
import type { EvaluatedStage } from '#build/dockerfile/plan/evaluated-stage.ts';
import { planDockerfile } from '#build/dockerfile/plan/plan-dockerfile.ts';
import { reportLint } from '#build/dockerfile/report/lint-report.ts';
import { listTargets } from '#build/dockerfile/report/list-targets.ts';
import { reportOutline } from '#build/dockerfile/report/outline.ts';
import { openReference } from './differential/reference.ts';
import { Buildx } from './dockerfile/buildx.ts';
import { metadataFiles } from './dockerfile/metadata-files.ts';
import { requestJson } from './dockerfile/request-json.ts';

const reference = await openReference();
const buildx = typeof reference === 'string' ? reference : Buildx.open(join(import.meta.dirname, '..'), reference.socket);
const PLATFORM = { os: 'linux', architecture: 'amd64' };
const skip = typeof buildx === 'string' ? buildx : false;

after(async () => {
  if (typeof buildx !== 'string') buildx.close();
  if (typeof reference !== 'string') await reference.close();
});

const FILE = `# V is a version
ARG V=1
ARG UNUSED=2
ARG SUFFIX
ARG NAME=scratch$SUFFIX
FROM $NAME AS base
ARG V
# X matters
ARG X=y
ARG Z
ARG Z=zz
RUN --mount=type=secret,id=tok,required --mount=type=ssh true
# out is the result
FROM base AS out
ARG W=w$V
RUN --mount=type=secret,target=/x/other --mount=type=ssh,id=deploy \\
  <true
FROM scratch
WORKDIR x
`;

async function inFolder<T>(text: string, body: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-dockerfile-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), text);
    return await body(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function evaluateAll(text: string, target?: string) {
  const plan = planDockerfile(text, { buildPlatform: PLATFORM, target });
  const evaluated = new Map<number, EvaluatedStage>();
  for (const index of plan.order) {
    const { base } = plan.stages[index]!;
    evaluated.set(index, evaluateStage(plan, index, base.kind === 'stage' ? evaluated.get(base.index)!.image : emptyBase(PLATFORM)));
  }
  return { plan, evaluated, image: evaluated.get(plan.target)!.image };
}

describe('questions about a Dockerfile are answered as Docker answers them', { skip, concurrency: 2 }, () => {
  for (const target of ['base', 'out', undefined]) {
    test(`outline of ${target ?? 'the default'}`, () => inFolder(FILE, async (folder) => {
      const { plan, evaluated } = evaluateAll(FILE, target);
      const report = reportOutline(plan, evaluated);
      const args = target === undefined ? [] : ['--target', target];
      const text = await (buildx as Buildx).run(['build', '--call=outline', ...args, folder], folder);
      const json = await (buildx as Buildx).run(['build', '--call=outline,format=json', ...args, folder], folder);
      assert.equal(report.text, text.stdout);
      assert.equal(`${report.json}\n`.trimEnd(), json.stdout.trimEnd());
    }));
  }

  test('targets', () => inFolder(FILE, async (folder) => {
    const text = await (buildx as Buildx).run(['build', '--call=targets', folder], folder);
    const json = await (buildx as Buildx).run(['build', '--call=targets,format=json', folder], folder);
    assert.equal(listTargets(FILE).text, text.stdout);
    assert.equal(listTargets(FILE).json.trimEnd(), json.stdout.trimEnd());
  }));

  test('lint', () => inFolder(FILE, async (folder) => {
    const { plan, evaluated } = evaluateAll(FILE);
    const warnings = [...plan.warnings, ...[...evaluated.values()].flatMap((stage) => stage.warnings)];
    const report = reportLint('Dockerfile', FILE, warnings);
    const { stdout, code } = await (buildx as Buildx).run(['build', '--check', folder], folder);
    assert.equal(report.text.trimEnd(), stdout.slice(stdout.indexOf('\nWARNING')).trimEnd().replaceAll(`${folder}/`, '').replace(/ +$/gm, ''));
    assert.equal(report.statusCode, code);
  }));
});

describe('an image of metadata is the one that Docker makes', { skip, concurrency: 2 }, () => {
  for (const [name, text] of Object.entries(metadataFiles)) {
    test(name, () => inFolder(text, async (folder) => {
      assert.ok(typeof reference !== 'string');
      const tag = `gantry-metadata-${process.pid}-${Math.random().toString(36).slice(2)}`;
      try {
        const { code, stderr } = await (buildx as Buildx).run(['build', '--provenance=false', '-t', tag, folder], folder);
        assert.equal(code, 0, stderr);
        const { image } = evaluateAll(text);
        const theirs = await requestJson(reference.socket, 'GET', `/images/${tag}/json`) as { Config: Record<string, unknown>; Author?: string };
        const history = await requestJson(reference.socket, 'GET', `/images/${tag}/history`) as { CreatedBy: string; Comment: string }[];
        assert.deepEqual(shownConfig(image.config), shownConfig(theirs.Config));
        assert.equal(image.author ?? '', theirs.Author ?? '');
        assert.deepEqual(image.history.map((entry) => entry.created_by).reverse(), history.map((entry) => entry.CreatedBy));
      } finally {
        await requestJson(reference.socket, 'DELETE', `/images/${tag}?force=1`);
      }
    }));
  }
});

/** Sets as lists, and nothing for what is empty. */
function shownConfig(config: object): Record<string, unknown> {
  const lists = Object.entries(config).map(([key, value]): [string, unknown] => [key, (key === 'ExposedPorts' || key === 'Volumes') && value !== null && !Array.isArray(value) ? Object.keys(value as object).sort() : value]);
  return Object.fromEntries(lists.filter(([, value]) => value !== null && value !== undefined && value !== '' && value !== false && !(typeof value === 'object' && Object.keys(value as object).length === 0)));
}
