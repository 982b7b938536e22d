import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { debianSources, GO_SOURCES } from '../../../../tools/test-run/debian-sources.ts';
import { DockerfileError } from '../dockerfile-error.ts';
import { Glob } from './glob.ts';
import { ignoreFileNames, parseIgnoreFile } from './ignore-file.ts';
import { IgnoreRules, type ParentMatch } from './ignore-rules.ts';

const sources = debianSources(join(import.meta.dirname, '../../../..'), 'golang-github-moby-patternmatcher-dev');
const code = sources.missing === false ? readFileSync(join(sources.path, GO_SOURCES, 'github.com/moby/patternmatcher/patternmatcher_test.go'), 'utf8') : '';
const STRING = '"(?:[^"\\\\]|\\\\.)*"';

/** The rows `{"pattern", "text", true}` of the library's own table. */
const single = [...code.matchAll(new RegExp(`\\{(${STRING}), (${STRING}), (true|false)\\}`, 'g'))].map(([, pattern, path, expected]) => [[JSON.parse(pattern!)], JSON.parse(path!), expected === 'true'] as const);
const several = [...code.matchAll(new RegExp(`\\{\\[\\]string\\{((?:${STRING}(?:, )?)+)\\}, (${STRING}), (true|false)\\}`, 'g'))].map(([, patterns, path, expected]) => [JSON.parse(`[${patterns}]`) as string[], JSON.parse(path!), expected === 'true'] as const);

function walk(rules: IgnoreRules, path: string): boolean {
  const parts = path.replace(/(?<=.)\/$/, '').split('/');
  let match: ParentMatch | undefined;
  for (let depth = 1; depth < parts.length; depth++) match = rules.excludesBelow(parts.slice(0, depth).join('/'), match).match;
  return rules.excludesBelow(path, match).isExcluded;
}

describe("patternmatcher's own table", { skip: sources.missing }, () => {
  test('has rows', () => {
    assert.ok(single.length > 60);
    assert.ok(several.length >= 4);
  });
  for (const [patterns, path, expected] of [...single, ...several]) {
    test(`${JSON.stringify(patterns)} ${expected ? 'leaves out' : 'keeps'} ${path}`, () => {
      assert.equal(IgnoreRules.of(patterns).excludes(path), expected);
      if (!path.endsWith('/')) assert.equal(walk(IgnoreRules.of(patterns), path), expected, 'in a walk');
    });
  }
});

describe('ignore rules', () => {
  for (const [text, path, expected] of [
    ['*.md\n!README.md', 'README.md', false], ['*.md\n!README*.md\nREADME-secret.md', 'README-secret.md', true], ['node_modules', 'node_modules/a/b.js', true],
    ['/build/', 'build/x', true], ['build/', 'sub/build', false], ['*/temp*', 'a/temporary', true], ['*/temp*', 'a/b/temp', false], ['temp?', 'temps/x', true],
    ['*\n!src', 'src/a.ts', false], ['*\n!src/**\nsrc/*.log', 'src/x.log', true], ['docs\n!docs/keep', 'docs/keep/x', false], ['  # no comment', '# no comment', true],
    ['# a comment', '# a comment', false], ['./a/../b', 'b', true], ['.', '.', true], ['[a-c]x', 'bx', true], ['a**b', 'a/x/b', true],
  ] as const) {
    test(`${JSON.stringify(text)} ${expected ? 'leaves out' : 'keeps'} ${path}`, () => assert.equal(IgnoreRules.parse(text).excludes(path), expected));
  }

  test('a file is read as Docker reads it', () => {
    assert.deepEqual(parseIgnoreFile('\ufeff# c\r\n /a/ \n!/b/../c\n\n! d \n!\n/\n'), ['a', '!c', '!d', '!', '/']);
    assert.deepEqual(ignoreFileNames('docker/Dockerfile.web'), ['docker/Dockerfile.web.dockerignore', '.dockerignore']);
  });

  test('what is no pattern is refused', () => {
    for (const text of ['!', '[', 'a[', '[]', '[a-]', 'a\\', '[^]']) assert.throws(() => IgnoreRules.parse(text), DockerfileError, text);
  });

  test('hostile patterns take no long time', () => {
    const started = performance.now();
    const rules = IgnoreRules.parse(`${'*a'.repeat(200)}b\n${'**/a'.repeat(200)}`);
    assert.equal(rules.excludes('a'.repeat(5000)), false);
    assert.ok(performance.now() - started < 3000);
  });
});

describe('wildcards of COPY', () => {
  for (const [pattern, path, expected] of [
    ['*.go', 'a.go', true], ['*.go', 'x/a.go', false], ['a/**', 'a/b', true], ['a/**', 'a/b/c', false], ['?', '/', false], ['[[]x', '[x', true], ['\\*', '*', true],
    ['[\\]]', ']', true], ['[^a]', 'b', true], ['한?', '한국', true], ['', '', true], ['*', '', true],
  ] as const) {
    test(`${pattern} ${expected ? 'is' : 'is not'} ${path}`, () => assert.equal(Glob.parse(pattern).matches(path), expected));
  }
});
