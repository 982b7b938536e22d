import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#base/error.ts';
import { familiarName, familiarReference, formatReference, parseReference, withDefaultTag, withTag } from './reference.ts';

const hex = 'a'.repeat(64);

/** Text, full form, familiar form: as Docker 28.5 takes and shows them. */
const good: [text: string, full: string, familiar: string][] = [
  ['nginx', 'docker.io/library/nginx', 'nginx'],
  ['nginx:1', 'docker.io/library/nginx:1', 'nginx:1'],
  ['a/b', 'docker.io/a/b', 'a/b'],
  ['docker.io/x', 'docker.io/library/x', 'x'],
  ['index.docker.io/x', 'docker.io/library/x', 'x'],
  ['docker.io/library/x:1', 'docker.io/library/x:1', 'x:1'],
  ['library/x', 'docker.io/library/x', 'x'],
  ['docker.io/library/a/b', 'docker.io/library/a/b', 'library/a/b'],
  ['localhost/x', 'localhost/x', 'localhost/x'],
  ['localhost:5000/x/y:t', 'localhost:5000/x/y:t', 'localhost:5000/x/y:t'],
  ['Localhost/x', 'Localhost/x', 'Localhost/x'],
  ['FOO/bar', 'FOO/bar', 'FOO/bar'],
  ['1.2.3.4:5/x', '1.2.3.4:5/x', '1.2.3.4:5/x'],
  ['[::1]:5000/x', '[::1]:5000/x', '[::1]:5000/x'],
  ['[::1]/x', '[::1]/x', '[::1]/x'],
  ['a__b', 'docker.io/library/a__b', 'a__b'],
  ['a--b', 'docker.io/library/a--b', 'a--b'],
  ['a:B', 'docker.io/library/a:B', 'a:B'],
  [`a@sha256:${hex}`, `docker.io/library/a@sha256:${hex}`, `a@sha256:${hex}`],
  [`a:t@sha256:${hex}`, `docker.io/library/a:t@sha256:${hex}`, `a:t@sha256:${hex}`],
  [`h.io/${'a'.repeat(255)}`, `h.io/${'a'.repeat(255)}`, `h.io/${'a'.repeat(255)}`],
  [`a:${'t'.repeat(128)}`, `docker.io/library/a:${'t'.repeat(128)}`, `a:${'t'.repeat(128)}`],
];

for (const [text, full, familiar] of good) {
  test(`takes ${text.slice(0, 50)}`, () => {
    const reference = parseReference(text);
    assert.equal(formatReference(reference), full);
    assert.equal(familiarReference(reference), familiar);
    assert.deepEqual(parseReference(full), reference);
    assert.deepEqual(parseReference(familiar), reference);
  });
}

const FORMAT = 'invalid reference format';
const bad: [text: string, message: string][] = [
  ['FOO', `${FORMAT}: repository name (library/FOO) must be lowercase`],
  ['foo/BAR', `${FORMAT}: repository name (foo/BAR) must be lowercase`],
  ['', FORMAT], ['a b', FORMAT], ['a/', FORMAT], ['/a', FORMAT], ['a//b', FORMAT], ['a:@', FORMAT], ['a:-x', FORMAT], ['a..b', FORMAT], ['a___b', FORMAT],
  ['a-_b', FORMAT], ['a.-b', FORMAT], ['a:tag:x', FORMAT], ['-a', FORMAT], ['ä', FORMAT], ['a@sha256:abc', FORMAT], [`a:${'t'.repeat(129)}`, FORMAT],
  ['../x', FORMAT], ['a/../b', FORMAT], ['a:..', FORMAT], ['a\n', FORMAT], ['x'.repeat(10_000_000), FORMAT],
  [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
  ['a'.repeat(248), 'repository name must not be more than 255 characters'],
  ['a@md5:d41d8cd98f00b204e9800998ecf8427e', 'unsupported digest algorithm'],
  [`a@sha256:${'A'.repeat(64)}`, 'invalid checksum digest format'],
  [`a@sha256:${'a'.repeat(63)}`, 'invalid checksum digest length'],
];

for (const [text, message] of bad) {
  test(`refuses ${JSON.stringify(text.slice(0, 50))}`, () => {
    assert.throws(() => parseReference(text), (error) => error instanceof GantryError && error.kind === 'invalid' && error.message === message);
  });
}

test('tags', () => {
  assert.equal(familiarReference(withDefaultTag(parseReference('x'))), 'x:latest');
  assert.equal(familiarReference(withDefaultTag(parseReference(`x@sha256:${hex}`))), `x@sha256:${hex}`);
  assert.equal(familiarReference(withTag(parseReference(`x:1@sha256:${hex}`), '2')), 'x:2');
  assert.throws(() => withTag(parseReference('x'), '../y'));
  assert.equal(familiarName(parseReference('x:1')), 'x');
});
