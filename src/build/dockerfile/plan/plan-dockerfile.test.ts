import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DockerfileError } from '../dockerfile-error.ts';
import type { BuildPlan, PlanOptions } from './build-plan.ts';
import { planDockerfile } from './plan-dockerfile.ts';
import { baseTitle } from './step-title.ts';
import { withTriggers } from './with-triggers.ts';

const PLATFORM = { os: 'linux', architecture: 'amd64' };
const plan = (text: string, options: Partial<PlanOptions> = {}): BuildPlan => planDockerfile(text.replaceAll('; ', '\n'), { buildPlatform: PLATFORM, ...options });
const bases = ({ stages }: BuildPlan): string[] => stages.map(({ base }) => (base.kind === 'stage' ? `stage ${base.index}` : base.kind === 'image' ? base.reference : base.kind === 'context' ? `context ${base.name}` : base.kind));

describe('a base is', () => {
  for (const [text, expected] of [
    ['FROM scratch', ['scratch']],
    ['FROM debian', ['docker.io/library/debian:latest']],
    ['FROM x.test:5000/a/b:1 AS c; FROM C; FROM c', ['x.test:5000/a/b:1', undefined, 'stage 0']],
    ['ARG T=2; FROM debian:${T} AS a; FROM a AS b; FROM b', ['docker.io/library/debian:2', 'stage 0', 'stage 1']],
    ['FROM debian AS a; FROM alpine AS a; FROM a', ['docker.io/library/debian:latest', 'docker.io/library/alpine:latest', 'stage 1']],
    ['FROM a AS a', ['docker.io/library/a:latest']],
    ['FROM scratch; COPY --from=nginx a b; RUN --mount=from=nginx,target=/x y', ['scratch', 'docker.io/library/nginx:latest']],
  ] as const) {
    const isWrong = (expected as readonly unknown[]).includes(undefined);
    test(`${text}: ${isWrong ? 'refused' : expected.join(', ')}`, () => {
      if (isWrong) assert.throws(() => plan(text), { message: /repository name \(library\/C\) must be lowercase/ });
      else assert.deepEqual(bases(plan(text)), expected);
    });
  }

  test('what a build argument says', () => {
    assert.deepEqual(bases(plan('ARG T=1; FROM debian:$T', { buildArgs: new Map([['T', '3']]) })), ['docker.io/library/debian:3']);
    assert.deepEqual(bases(plan('FROM debian:${T:-4}', { buildArgs: new Map([['T', '3']]) })), ['docker.io/library/debian:4'], 'not declared');
    assert.deepEqual(bases(plan('ARG T=${TARGETARCH}; FROM debian:$T', { targetPlatform: { os: 'linux', architecture: 'arm64', variant: 'v8' } })), ['docker.io/library/debian:arm64']);
  });

  test('a named context, in place of a stage or an image, on one platform or all', () => {
    const text = 'FROM debian AS a; RUN x; COPY --from=tools a b; FROM a; COPY --from=docker.io/library/nginx:1 c d';
    assert.deepEqual(bases(plan(text, { namedContexts: ['debian', 'tools', 'nginx:1'] })), ['context debian', 'stage 0', 'context tools', 'context nginx:1']);
    const replaced = plan(text, { namedContexts: ['a', 'other'] });
    assert.deepEqual(bases(replaced), ['context a', 'stage 0', 'docker.io/library/nginx:1']);
    assert.deepEqual(replaced.stages[0]!.instructions, [], 'and nothing of the stage is left');
    assert.deepEqual(bases(plan('FROM debian', { namedContexts: ['debian', 'debian::linux/amd64'] })), ['context debian::linux/amd64']);
    assert.deepEqual(bases(plan('FROM scratch', { namedContexts: ['scratch'] })), ['scratch']);
  });
});

describe('the order', () => {
  for (const [text, target, expected] of [
    ['FROM a AS x; FROM b AS y; FROM scratch; COPY --from=x p q', undefined, [0, 2]],
    ['FROM a AS x; FROM b AS y; FROM scratch; COPY --from=x p q', 'Y', [1]],
    ['FROM a; FROM scratch; COPY --from=0 p q; COPY --from=img p q', undefined, [2, 0, 1]],
    ['FROM a AS x; RUN --mount=from=img,target=/m z; FROM b; FROM x', undefined, [3, 0, 2]],
  ] as const) {
    test(`of ${text}${target === undefined ? '' : ` for ${target}`}`, () => assert.deepEqual(plan(text, { target }).order, expected));
  }

  test('has all stages where a check asks for them, and refuses what is wrong in them', () => {
    const text = 'FROM a AS x; COPY --from=y p q; FROM b AS y; FROM c';
    assert.deepEqual(plan(text).order, [2]);
    assert.throws(() => plan(text, { allStages: true }), { message: 'cannot copy from stage "y", it needs to be defined before current stage "x"' });
  });

  test('of very many stages takes no long time', () => {
    const count = 20_000;
    const text = Array.from({ length: count }, (_, index) => `FROM ${index === 0 ? 'a' : `s${index - 1}`} AS s${index}\nCOPY --from=${index === 0 ? 'b' : `s${index - 1}`} x y`).join('\n');
    const started = performance.now();
    assert.equal(plan(text).order.length, count + 1);
    assert.ok(performance.now() - started < 5000);
  });
});

describe('triggers', () => {
  test('of the base image stand first, and what they need is added', () => {
    const before = plan('FROM a AS tools; FROM node:onbuild; RUN x; FROM c');
    const after = withTriggers({ ...before, target: 1 }, 1, ['COPY --from=tools a b', 'RUN <<EOF\necho\nEOF', 'COPY --from=img c d']);
    assert.deepEqual(after.order, [3, 0, 1]);
    assert.deepEqual(after.stages[1]!.instructions.map(({ instruction, isTrigger, sources }) => [instruction.kind, isTrigger, sources[0]]), [['copy', true, 0], ['run', true, undefined], ['copy', true, 3], ['run', false, undefined]]);
    assert.deepEqual(after.stages[1]!.instructions[0]!.instruction.lines, { start: 2, end: 2 });
    assert.equal(before.stages.length, 3, 'the plan before is as it was');
  });

  test('that are wrong are refused with the lines of FROM', () => {
    for (const expression of ['FOO', '', 'RUN a\nRUN b', 'FROM x', 'COPY --foo a b']) {
      assert.throws(() => withTriggers(plan('FROM a'), 0, [expression]), (error) => error instanceof DockerfileError && error.lines?.start === 1, expression);
    }
  });
});

describe('titles', () => {
  test('count the base and the steps', () => {
    const built = plan('FROM debian AS b; RUN x; ENV a=b; COPY c d; FROM b', { isMultiPlatform: true });
    assert.equal(baseTitle(built, built.stages[0]!, 'r@d', PLATFORM), '[linux/amd64 b 1/3] FROM r@d');
  });
});

test('stages that are not to come from the cache are marked', () => {
  const marked = (noCache: readonly string[] | undefined) => plan('FROM a AS x; FROM b AS y; FROM c', { noCache }).stages.map(({ ignoresCache }) => ignoresCache);
  assert.deepEqual(marked(undefined), [false, false, false]);
  assert.deepEqual(marked([]), [true, true, true]);
  assert.deepEqual(marked(['Y']), [false, true, false]);
});

describe('the frontend', () => {
  for (const image of ['docker/dockerfile', 'docker/dockerfile:1', 'docker.io/docker/dockerfile:1.7-labs', `docker/dockerfile:1@sha256:${'0'.repeat(64)}`, 'docker/dockerfile-upstream:master']) {
    test(`${image} is built in`, () => assert.equal(plan(`# syntax=${image}\nFROM scratch`).order.length, 1));
  }
  for (const image of ['x.test/dockerfile:1', 'docker/dockerfile2', 'Docker/dockerfile', 'evil/docker/dockerfile']) {
    test(`${image} is refused`, () => {
      assert.throws(() => plan(`# syntax=${image}\nFROM scratch`), (error) => error instanceof DockerfileError && error.lines?.start === 1 && error.message.includes(image));
      assert.throws(() => plan('FROM scratch', { buildArgs: new Map([['BUILDKIT_SYNTAX', image]]) }), DockerfileError);
    });
  }
});
