import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { debianSources, GO_SOURCES } from '../test-run/debian-sources.ts';
import { commentsOf, copiedRun, copiedTexts, upstreamRuns } from './upstream-words.ts';

const sources = debianSources(join(import.meta.dirname, '../..'), 'golang-k8s-api-dev');

test('a comment of several lines is one text, without its markers', () => {
  assert.deepEqual(commentsOf('// Of the file.\n\npackage a;\n\n// Toy is\n// a toy.\nmessage Toy {\n  // Its colour.\n  // +optional\n  optional string colour = 1;\n\n  optional string size = 2;\n}\n').map((text) => text.trim().replaceAll('  ', ' ')), ['Of the file.', 'Toy is a toy.', 'Its colour.']);
});

test('eight words in a row are found, whatever stands between them', () => {
  const upstream = new Set(['one two three four five six seven eight']);
  assert.equal(copiedRun('First: "One, two, three; four. Five six-seven (eight)"!', upstream), [...upstream][0]);
  assert.equal(copiedRun('One two three four five six seven, and eight.', upstream), undefined);
});

test("no description has eight words in a row from upstream's comments", { skip: sources.missing }, () => {
  const upstream = upstreamRuns(join(sources.path as string, GO_SOURCES));
  assert.ok(upstream.size > 40_000, `${upstream.size} runs of words`);
  assert.deepEqual(copiedTexts(upstream), []);
  const [taken = ''] = upstream;
  assert.deepEqual(copiedTexts(upstream, { core: [`Pod: In other words, ${taken.replaceAll(' ', ', ')}!`] }), [`core.Pod: ${taken}`]);
});
