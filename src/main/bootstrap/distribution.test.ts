import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bootstrapArguments, parseDistribution, sourceLines } from './distribution.ts';

const sources = 'deb http://mirror.example/debian bookworm main\ndeb http://mirror.example/debian-security bookworm-security main';

test('releases by number, name and state', () => {
  const suites: [text: string, suite: string][] = [
    ['debian:12', 'bookworm'], ['debian:bookworm', 'bookworm'], ['debian', 'stable'], ['debian:10', 'buster'], ['debian:unstable', 'sid'], ['debian:forky', 'forky'],
    ['ubuntu:24.04', 'noble'], ['ubuntu:20.04', 'focal'], ['ubuntu', 'noble'], ['ubuntu:questing', 'questing'],
  ];
  for (const [text, suite] of suites) assert.equal(parseDistribution(text).suite, suite, text);
  for (const text of ['fedora:40', 'debian:99', 'debian:../x', 'ubuntu:1']) assert.throws(() => parseDistribution(text), /can't be bootstrapped|is no release/, text);
});

test("the host's own mirror, the archive of old releases, and no updates for what rolls", () => {
  assert.deepEqual(sourceLines(parseDistribution('debian:12'), sources), [
    'deb http://mirror.example/debian bookworm main', 'deb http://mirror.example/debian bookworm-updates main', 'deb http://mirror.example/debian-security bookworm-security main',
  ]);
  assert.deepEqual(sourceLines(parseDistribution('debian:sid'), sources), ['deb http://mirror.example/debian sid main']);
  assert.match(sourceLines(parseDistribution('debian:10'), sources)[1] ?? '', /archive\.debian\.org\/debian-security buster\/updates main$/);
});

test('variant, packages and mirror become arguments, each one word', () => {
  const request = { distribution: parseDistribution('debian:12'), variant: 'apt', include: ['nginx', 'curl'], hostSources: sources };
  const args = bootstrapArguments(request);
  for (const wanted of ['--variant=apt', '--include=nginx,curl', 'bookworm']) assert.ok(args.includes(wanted), wanted);
  assert.deepEqual(bootstrapArguments({ ...request, mirror: 'http://other/debian' }).slice(-3), ['bookworm', '-', 'deb http://other/debian bookworm main']);
  assert.ok(bootstrapArguments({ ...request, keyring: '/keys.gpg' }).includes('--keyring=/keys.gpg'));
  assert.deepEqual(bootstrapArguments({ ...request, distribution: parseDistribution('ubuntu:24.04') }).slice(-5, -3), ['noble', '-']);
  assert.ok(bootstrapArguments({ ...request, distribution: parseDistribution('debian:9') }).includes('--aptopt=Acquire::Check-Valid-Until "false"'));
});
