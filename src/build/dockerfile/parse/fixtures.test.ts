import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { debianSources, GO_SOURCES } from '../../../../tools/test-run/debian-sources.ts';
import { DockerfileError } from '../dockerfile-error.ts';
import { expand } from '../expand/lexer.ts';
import { quote, quoteList } from '../_quote.ts';
import type { Node } from './node.ts';
import { parseDockerfile } from './parse-dockerfile.ts';

const sources = debianSources(join(import.meta.dirname, '../../../..'), 'golang-github-docker-docker-dev');
const folder = join(sources.path ?? '', GO_SOURCES, 'github.com/moby/buildkit/frontend/dockerfile');
const cases = (name: string): string[] => (sources.missing === false ? readdirSync(join(folder, 'parser', name)) : []);

/** The tree as BuildKit's own tests print it: a list of lists. */
function dump(node: Node): string {
  const flags = node.flags.length === 0 ? '' : ` ${quoteList(node.flags)}`;
  const pairs = node.pairs.flatMap(({ key, value, isLegacy }) => [key, value, isLegacy ? '' : '=']);
  const trigger = node.trigger === undefined ? '' : ` ${`(${dump(node.trigger)})`}`;
  return node.name.toLowerCase() + flags + [...node.args, ...pairs].map((word) => ` ${quote(word)}`).join('') + trigger;
}

describe("BuildKit's own cases", { skip: sources.missing }, () => {
  test('there are cases', () => {
    assert.ok(cases('testfiles').length >= 30);
    assert.ok(cases('testfiles-negative').length >= 4);
  });

  for (const name of cases('testfiles')) {
    test(`${name} has the same tree`, () => {
      const document = parseDockerfile(readFileSync(join(folder, 'parser/testfiles', name, 'Dockerfile'), 'utf8'));
      const expected = readFileSync(join(folder, 'parser/testfiles', name, 'result'), 'utf8');
      assert.equal(document.nodes.map((node) => `(${dump(node)})\n`).join(''), expected);
    });
  }

  for (const name of cases('testfiles-negative')) {
    test(`${name} is refused`, () => {
      assert.throws(() => parseDockerfile(readFileSync(join(folder, 'parser/testfiles-negative', name, 'Dockerfile'), 'utf8')), DockerfileError);
    });
  }

  test('lines are counted as BuildKit counts them', () => {
    const { nodes } = parseDockerfile(readFileSync(join(folder, 'parser/testfile-line/Dockerfile'), 'utf8'));
    assert.deepEqual(nodes.map(({ lines }) => [lines.start, lines.end]), [[5, 5], [11, 12], [17, 31]]);
  });
});

describe("BuildKit's cases of expansion", { skip: sources.missing }, () => {
  const lines = (name: string): string[] => (sources.missing === false ? readFileSync(join(folder, 'shell', name), 'utf8').split('\n') : []).filter((line) => !line.startsWith('#') && line.trim() !== '');
  const variables = new Map([['PWD', '/home'], ['SHELL', 'bash'], ['KOREAN', '한국어'], ['NULL', '']]);

  for (const line of lines('envVarTest')) {
    const [platform, source, expected] = line.split('|').map((part) => part.trim()) as [string, string, string];
    if (platform === 'W') continue;
    test(`${source} is ${expected}`, () => {
      if (expected === 'error') assert.throws(() => expand(source, variables), DockerfileError);
      else assert.equal(expand(source, variables).text, expected);
    });
  }

  const set = new Map<string, string>();
  for (const line of lines('wordsTest')) {
    if (line.startsWith('ENV ')) {
      const [name, value] = line.slice(4).replace(/^ +/, '').split('=') as [string, string];
      set.set(name, value);
      continue;
    }
    const now = new Map(set);
    const [source, expected] = line.split('|') as [string, string];
    test(`${source}has the words ${expected}`, () => {
      if (expected.trim() === 'error') assert.throws(() => expand(source.trim(), now), DockerfileError);
      else assert.deepEqual(expand(source.trim(), now).words, expected.trimStart().split(',').map((word) => word));
    });
  }
});
