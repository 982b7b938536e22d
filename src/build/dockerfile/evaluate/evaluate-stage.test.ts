import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ImageRunConfig } from '#image/oci/image-config.ts';
import { DockerfileError } from '../dockerfile-error.ts';
import { IgnoreRules } from '../ignore/ignore-rules.ts';
import type { PlanOptions } from '../plan/build-plan.ts';
import type { CopyStep, RunStep } from '../plan/build-step.ts';
import { planDockerfile } from '../plan/plan-dockerfile.ts';
import { emptyBase, evaluateStage, imageBase } from './evaluate-stage.ts';
import { parseGitSource } from './git-source.ts';
import { resolveDestination } from './path.ts';

const PLATFORM = { os: 'linux', architecture: 'amd64' };

function evaluate(lines: readonly string[], config?: ImageRunConfig, options: Partial<PlanOptions> = {}, ignore?: IgnoreRules) {
  const plan = planDockerfile(['FROM x', ...lines].join('\n'), { buildPlatform: PLATFORM, ...options });
  return evaluateStage(plan, 0, config === undefined ? emptyBase(PLATFORM) : imageBase(PLATFORM, { config, history: [] }), ignore);
}

const run = (...lines: readonly string[]): RunStep => evaluate(lines).steps.at(-1) as RunStep;
const copy = (...lines: readonly string[]): CopyStep => evaluate(lines).steps.at(-1) as CopyStep;

describe('RUN', () => {
  test('has the environment, user and directory that stand above it', () => {
    const step = run('ARG A=1', 'ENV B=2', 'USER me', 'WORKDIR d', 'RUN x');
    assert.deepEqual(step.env.slice(1), [['A', '1'], ['B', '2']]);
    assert.deepEqual([step.user, step.workingDir, step.args], ['me', '/d', ['/bin/sh', '-c', 'x']]);
  });

  test('is in the shell that SHELL names, or in none', () => {
    assert.deepEqual(run('SHELL ["bash", "-c"]', 'RUN a  b').args, ['bash', '-c', 'a  b']);
    assert.deepEqual(run('RUN ["a", "$b"]').args, ['a', '$b']);
  });

  test('of a heredoc alone is its content; with an interpreter, a file; else the shell reads it', () => {
    assert.deepEqual(run('RUN <<-EOF', '\ta', 'EOF').args, ['/bin/sh', '-c', 'a\n']);
    const script = run('RUN <<EOF', '#!/usr/bin/env python3', 'EOF');
    assert.deepEqual([script.args.at(-1), script.script], ['/dev/pipes/EOF', { path: '/dev/pipes/EOF', content: '#!/usr/bin/env python3\n' }]);
    assert.deepEqual(run('RUN cat <<A - <<B', '1', 'A', '2', 'B').args.at(-1), 'cat <<A - <<B\n1\nA\n2\nB');
  });

  for (const [text, expected] of [
    ['target=x', { type: 'bind', isReadOnly: true, target: '/w/x', source: '/', from: { kind: 'context' } }],
    ['type=bind,source=../a,dst=/y,rw', { type: 'bind', isReadOnly: false, target: '/y', source: '/a' }],
    ['type=cache,target=c', { type: 'cache', isReadOnly: false, id: 'c', target: '/w/c', from: undefined }],
    ['type=cache,id=$v,target=/c,sharing=locked,uid=5,gid=6,mode=0700', { id: 'vv', sharing: 'locked', uid: 5, gid: 6, mode: 0o700 }],
    ['type=tmpfs,target=/t,size=1.5g', { type: 'tmpfs', isReadOnly: false, sizeLimit: 1610612736, from: undefined }],
    ['type=secret,id=s', { type: 'secret', id: 's', target: '/run/secrets/s', isRequired: false }],
    ['type=secret,source=a/s,required', { id: 'a/s', target: '/run/secrets/s', isRequired: true }],
    ['type=secret,target=/t/s', { id: 's', target: '/t/s' }],
    ['type=secret,id=s,env=S', { id: 's', target: '', env: 'S' }],
    ['type=ssh', { type: 'ssh', id: '', target: '' }],
    ['TYPE=Cache,"target=/a,b"', { type: 'cache', target: '/a,b' }],
  ] as const) {
    test(`--mount=${text}`, () => {
      const [mount] = run('WORKDIR /w', 'ENV v=vv', `RUN --mount='${text}' x`).mounts;
      assert.ok(mount !== undefined);
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, mount[key as keyof typeof mount]])), expected);
    });
  }

  test('says which paths it reads', () => {
    const { contextPaths, stagePaths } = evaluate(['COPY a b/*.c /d', 'RUN --mount=source=s,target=/x --mount=from=y,target=/y,source=q z', 'COPY --from=y /r /s']);
    assert.deepEqual(contextPaths, ['/a', '/b/*.c', '/s']);
    assert.deepEqual([...stagePaths], [[1, ['/q', '/r']]]);
  });

  test('shows no value of a secret, and sees proxies that its cache key does not', () => {
    assert.match(run('ENV TOK=visible', 'RUN --mount=type=secret,id=t,env=TOK echo $TOK').title, /echo \*{4}$/);
    const { steps } = evaluate(['RUN x'], undefined, { buildArgs: new Map([['http_proxy', 'p'], ['OTHER', 'q']]) });
    assert.deepEqual((steps[0] as RunStep).proxyEnv, [['HTTP_PROXY', 'p'], ['http_proxy', 'p']]);
    assert.ok(!(steps[0] as RunStep).env.some(([name]) => name === 'OTHER'));
  });
});

test('an absolute WORKDIR stays as it is written, and is clean where it is made', () => {
  const { image, steps } = evaluate(['WORKDIR /a/../b/.', 'RUN x', 'WORKDIR ../c']);
  assert.equal(image.config.WorkingDir, '/c');
  assert.deepEqual(image.history.map(({ created_by: text }) => text).filter((text) => text?.startsWith('WORKDIR')), ['WORKDIR /a/../b/.', 'WORKDIR /c']);
  assert.deepEqual(steps.map((step) => (step.kind === 'mkdir' ? step.path : step.kind === 'run' ? step.workingDir : '')), ['/b', '/b', '/c']);
});

describe('COPY and ADD', () => {
  test('paths are settled', () => {
    const step = copy('WORKDIR /w', 'ENV v="a b"', 'COPY ["$v", "../../x/", "to/"]');
    assert.deepEqual(step.sources.map((source) => (source.kind === 'files' ? source.pattern : '')), ['/a b', '/x']);
    assert.equal(step.destination, '/w/to/');
  });

  test('--parents has a pivot', () => {
    const { sources } = copy('COPY --parents ./a/./b/*.c ./d/e /x/');
    assert.deepEqual(sources.map((source) => (source.kind === 'files' ? [source.pattern, source.parents] : [])), [['/a', 'b/*.c'], ['/', 'd/e']]);
  });

  test('documents expand, unless their name is quoted', () => {
    const { sources } = copy('ENV v=1', 'COPY <<A <<"B" /', `"$v" 'x' \\$v`, 'A', '$v', 'B');
    assert.deepEqual(sources, [{ kind: 'inline', name: 'A', content: `"1" 'x' $v\n` }, { kind: 'inline', name: 'B', content: '$v\n' }]);
  });

  test('archives, remote files and repositories', () => {
    const [file, url, git] = copy('ADD a.tar https://x.test/a%20b/f.tgz?q#f https://x.test/r.git#v1:sub/dir /').sources;
    assert.deepEqual([file?.kind === 'files' && file.unpacks, url?.kind === 'url' && [url.fileName, url.unpacks]], [true, ['f.tgz', false]]);
    assert.deepEqual(git, { kind: 'git', remote: 'https://x.test/r.git', ref: 'v1', subdirectory: 'sub/dir', checksum: undefined, keepsGitDirectory: false, submodules: true });
    const [packed] = copy('ADD --unpack=false a.tar /').sources;
    assert.ok(packed?.kind === 'files' && !packed.unpacks);
    for (const [text, name] of [['https://x.test', '__unnamed__'], ['http://x.test/', '__unnamed__'], ['https://x.test/a/..', '__unnamed__'], ['https://x.test/%2e%2e%2fb', '__unnamed__'], ['https://x.test/a/', 'a']] as const) {
      assert.equal((copy(`ADD ${text} /`).sources[0] as { fileName: string }).fileName, name, text);
    }
  });

  test('--link stands aside for --chmod, and for owners by name', () => {
    assert.deepEqual(['1', '1:2', ':2', 'a', '1:a'].map((owner) => copy(`COPY --link --chown=${owner} a b`).isLink), [true, true, true, false, false]);
    assert.equal(copy('COPY --link a b').isLink, true);
    assert.deepEqual([copy('COPY --link --chmod=0755 a b').isLink, copy('COPY --chmod=u+x,go= a b').mode], [false, { kind: 'symbolic', text: 'u+x,go=' }]);
  });

  test('a file that is ignored is told where that is asked for', () => {
    const ignore = IgnoreRules.parse('*.log');
    const warnings = evaluate(['COPY a.log /', 'ADD b.txt c.log /', 'COPY --from=y d.log /'], undefined, { buildArgs: new Map([['BUILDKIT_DOCKERFILE_CHECK', 'experimental=all']]) }, ignore).warnings;
    assert.deepEqual(warnings.map(({ message }) => message), ['Attempting to Copy file "a.log" that is excluded by .dockerignore', 'Attempting to Add file "c.log" that is excluded by .dockerignore']);
    assert.deepEqual(evaluate(['COPY a.log /'], undefined, {}, ignore).warnings, []);
  });
});

for (const [text, remote, ref, subdirectory] of [
  ['git@github.com:a/b.git', 'git@github.com:a/b.git', '', ''], ['ssh://git@x.test:22/a?branch=b', 'ssh://git@x.test:22/a', 'refs/heads/b', ''],
  ['https://x.test/a.git?tag=v1&subdir=/s/../t', 'https://x.test/a.git', 'refs/tags/v1', 't'], ['git://x.test/a', 'git://x.test/a', '', ''],
  ['git@x.test:a?ref=r#:d', 'git@x.test:a', 'r', 'd'],
] as const) {
  test(`${text} is a repository`, () => {
    const source = parseGitSource(text);
    assert.deepEqual([source?.remote, source?.ref, source?.subdirectory, source?.isAmbiguous], [remote, ref, subdirectory, false]);
  });
}

test('what is no repository, or one that makes no sense', () => {
  for (const text of ['a', './git@x.test:a', 'https://x.test/a', 'ftp://x.test/a.git', 'x.test:a', 'https://x.test.git']) assert.equal(parseGitSource(text), undefined, text);
  assert.equal(parseGitSource('github.com/a/b')?.isAmbiguous, true);
  for (const query of ['a=b', 'ref', 'ref=a&ref=b', 'tag=a&branch=b', 'keep-git-dir=maybe', 'tag=a&ref=b']) assert.throws(() => parseGitSource(`https://x.test/a.git?${query}`), DockerfileError, query);
});

test('destinations stay inside, and keep their slash', () => {
  for (const [path, expected] of [['', '/w/'], ['.', '/w/'], ['./', '/w/'], ['a/.', '/w/a/.'], ['../../..', '/'], ['/', '/'], ['/a//b/', '/a/b/'], ['/.', '/.']] as const) {
    assert.equal(resolveDestination('/w', path), expected, path);
  }
});

test('keys of the language are variables, labels and stages', () => {
  const { image } = evaluate(['ENV __proto__=a constructor=b', 'LABEL __proto__=$__proto__', 'ARG toString', 'LABEL x=${hasOwnProperty:-none}${toString:-no}']);
  assert.deepEqual(Object.entries(image.config.Labels ?? {}), [['__proto__', 'a'], ['x', 'noneno']]);
});

test('a base keeps its config, less its triggers', () => {
  const { image } = evaluate(['RUN x'], { Env: ['A=1'], OnBuild: ['RUN y'], Cmd: ['z'], WorkingDir: 'rel', Labels: { l: '1' } });
  assert.deepEqual(image.config, { Env: ['A=1', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'], Cmd: ['z'], WorkingDir: 'rel', Labels: { l: '1' } });
});
