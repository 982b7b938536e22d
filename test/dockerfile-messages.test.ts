import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DockerfileError } from '#build/dockerfile/dockerfile-error.ts';
import { renderExcerpt } from '#build/dockerfile/excerpt.ts';
import { emptyBase, evaluateStage } from '#build/dockerfile/evaluate/evaluate-stage.ts';
import { violation } from '#build/dockerfile/lint/linter.ts';
import type { Warning } from '#build/dockerfile/lint/warning.ts';
import { planDockerfile } from '#build/dockerfile/plan/plan-dockerfile.ts';
import type { PlanOptions } from '#build/dockerfile/plan/build-plan.ts';
import type { StageImage } from '#build/dockerfile/plan/stage-image.ts';
import { openReference } from './differential/reference.ts';
import { Buildx } from './dockerfile/buildx.ts';
import { knownDifferences } from './dockerfile/known-differences.ts';
import { lintFiles } from './dockerfile/lint-files.ts';
import { wrongFiles, type WrongFile } from './dockerfile/wrong-files.ts';

const root = join(import.meta.dirname, '..');
const reference = await openReference();
const buildx = typeof reference === 'string' ? reference : Buildx.open(root, reference.socket);
const PLATFORM = { os: 'linux', architecture: 'amd64' };

after(async () => {
  if (typeof buildx !== 'string') buildx.close();
  if (typeof reference !== 'string') await reference.close();
});

/** Plans, and evaluates every stage as if each image were empty. Answers with what the checks found. */
function build(text: string, options: Partial<PlanOptions> = {}): readonly Warning[] {
  const plan = planDockerfile(text, { buildPlatform: PLATFORM, ...options });
  const images = new Map<number, StageImage>();
  const warnings = [...plan.warnings];
  for (const index of plan.order) {
    const { base } = plan.stages[index]!;
    const evaluated = evaluateStage(plan, index, base.kind === 'stage' ? images.get(base.index)! : emptyBase(PLATFORM));
    images.set(index, evaluated.image);
    warnings.push(...evaluated.warnings);
  }
  const refusal = violation(plan.checks, warnings);
  if (refusal !== undefined) throw refusal;
  return warnings;
}

interface Refusal {
  readonly message: string;
  readonly excerpt: string;
}

function ours({ text, buildArgs, target }: WrongFile): Refusal {
  try {
    build(text, { target, buildArgs: new Map(Object.entries(buildArgs ?? {})) });
  } catch (error) {
    assert.ok(error instanceof DockerfileError, String(error));
    return { message: error.message, excerpt: error.lines === undefined ? '' : renderExcerpt({ file: 'Dockerfile', text, lines: error.lines }) };
  }
  return { message: 'no error', excerpt: '' };
}

async function theirs(client: Buildx, { text, buildArgs, target }: WrongFile): Promise<Refusal> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-dockerfile-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), text);
    const args = Object.entries(buildArgs ?? {}).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
    const { stderr } = await client.run(['build', '--progress=plain', ...args, ...(target === undefined ? [] : ['--target', target]), folder], folder);
    const message = /^ERROR: failed to build: failed to (?:solve|run Build function): (.*)$/ms.exec(stderr)?.[1] ?? stderr;
    const excerpt = /^Dockerfile:\d+\n-{20}\n.*?^-{20}$/ms.exec(stderr)?.[0] ?? '';
    return { message: message.trim(), excerpt: excerpt.split('\n').map((line) => line.trimEnd()).join('\n') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a wrong Dockerfile is refused as Docker refuses it', { skip: typeof buildx === 'string' ? buildx : false, concurrency: 2 }, () => {
  for (const [name, file] of Object.entries(wrongFiles)) {
    test(name, async () => {
      const expected = await theirs(buildx as Buildx, file);
      const known = knownDifferences.get(name);
      const { message, excerpt } = ours(file);
      // Docker names no lines for some errors; we always do.
      if (known === undefined) return assert.deepEqual({ message, excerpt: expected.excerpt === '' ? '' : excerpt }, expected);
      assert.notDeepEqual({ message, excerpt }, expected, `${name} is refused alike now: take it out of the known differences`);
      assert.equal(message, known.message);
    });
  }
});

describe('a check finds what Docker finds', { skip: typeof buildx === 'string' ? buildx : false, concurrency: 2 }, () => {
  for (const [name, text] of Object.entries(lintFiles)) {
    test(name, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'gantry-dockerfile-'));
      try {
        writeFileSync(join(folder, 'Dockerfile'), text);
        const { stdout, stderr } = await (buildx as Buildx).run(['build', '--call=lint,format=json', folder], folder);
        assert.ok(stdout.startsWith('{'), stderr);
        assert.deepEqual(build(text, { allStages: true }).map(shown).sort(byText), ((JSON.parse(stdout) as Results).warnings ?? []).map(known).sort(byText));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});

interface Results {
  readonly warnings: null | readonly {
    readonly ruleName: string;
    readonly description: string;
    readonly url?: string;
    readonly detail: string;
    readonly location: { readonly ranges: readonly { readonly start: { readonly line: number } }[] };
  }[];
}

function known({ ruleName, description, url = '', detail, location }: NonNullable<Results['warnings']>[number]): string {
  return JSON.stringify([ruleName, description, url, detail, location.ranges[0]?.start.line, location.ranges.at(-1)?.start.line]);
}

function shown({ rule, description, url, message, lines }: Warning): string {
  return JSON.stringify([rule, description, url, message, lines.start, lines.end]);
}

function byText(left: string, right: string): number {
  return left < right ? -1 : 1;
}
