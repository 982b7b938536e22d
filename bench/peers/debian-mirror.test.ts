import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debianMirror } from './debian-mirror.ts';

const cases: readonly (readonly [name: string, sources: string, mirror: string | undefined])[] = [
  ['one line', 'deb http://deb.debian.org/debian bookworm main', 'http://deb.debian.org/debian'],
  ['options and a slash', 'deb [arch=amd64] https://mirror.example/debian/ sid main', 'https://mirror.example/debian'],
  ['deb822', 'Types: deb\n# http://snapshot.debian.org/archive/debian\nURIs: http://deb.debian.org/debian\nSuites: sid', 'http://deb.debian.org/debian'],
  ['the security archive is another', 'URIs: http://deb.debian.org/debian-security', undefined],
  ['of several the first', 'URIs: http://one.test/debian-security\nURIs: http://two.test/pub/debian/\ndeb http://three.test/debian x main', 'http://two.test/pub/debian'],
  ['a path below it is another', 'URIs: http://x.example/debian/pool', undefined],
  ['none', '', undefined],
];

for (const [name, sources, mirror] of cases) {
  test(name, () => assert.equal(debianMirror(sources), mirror));
}
