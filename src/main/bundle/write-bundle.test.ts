import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { writeBundle } from './write-bundle.ts';

const root = mkdtempSync(`${tmpdir()}/gantry-bundle-test-`);
const directory = `${root}/node_modules/.cache/gantry-cli`;
const manifestPath = `${directory}/manifest.json`;
const run = (...argv: string[]): string => execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...argv], { encoding: 'utf8', cwd: root, env: { PATH: process.env['PATH'], HOME: root } });
const fromBundle = (...argv: string[]): string => run(`${directory}/start.cjs`, ...argv);
const fromSources = (...argv: string[]): string => run(`${root}/src/main/cli.ts`, ...argv);

before(async () => {
  mkdirSync(directory, { recursive: true });
  symlinkSync(new URL('../..', import.meta.url).pathname, `${root}/src`);
  writeFileSync(`${root}/compose.yaml`, 'name: told\nservices: { a: { image: "x:${V:-1}", ports: ["80:80"] } } # über\n');
  await writeBundle(directory);
});
after(() => rmSync(root, { recursive: true, force: true }));

test('the bundle says what the sources say', () => {
  for (const argv of [['--help'], ['compose', 'config'], ['compose', 'config', '--hash', '*'], ['compose', 'up', '--help']]) assert.equal(fromBundle(...argv), fromSources(...argv), argv.join(' '));
});

test('what a command imports when it needs it is there', () => {
  const { name } = JSON.parse(readFileSync(manifestPath, 'utf8')) as { readonly name: string };
  assert.doesNotMatch(readFileSync(`${directory}/${name}`, 'latin1'), /\bimport\(["'`]/);
  // TLS, at a port where nobody is.
  const [bundle, sources] = [`${directory}/start.cjs`, `${root}/src/main/cli.ts`].map((entry) => spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', entry, '--tls', '--host', 'tcp://127.0.0.1:1', 'ps'], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: root } }));
  assert.match(bundle?.stderr ?? '', /Cannot connect to the Gantry daemon at tcp:\/\/127\.0\.0\.1:1/);
  assert.deepEqual([bundle?.status, bundle?.stderr], [sources?.status, sources?.stderr]);
});

test('a command that it leaves out runs from the sources', () => {
  assert.equal(fromBundle('registry', 'serve', '--help'), fromSources('registry', 'serve', '--help'));
});

test('it runs while it fits the sources; when it does not, they run, and it is made anew', async () => {
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { name: string; sources: [string, number, number][] };
  writeFileSync(`${directory}/${manifest.name}`, "(() => ({ runProcess() { console.log('a bundle') } }))");
  assert.equal(fromBundle('--version'), 'a bundle\n');
  const [first, ...rest] = manifest.sources;
  assert.ok(first !== undefined && first[0].startsWith('src/'));
  writeFileSync(manifestPath, JSON.stringify({ ...manifest, sources: [[first[0], first[1], first[2] - 1], ...rest] }));
  assert.equal(fromBundle('--version'), fromSources('--version'));
  for (const end = performance.now() + 30_000; !existsSync(manifestPath);) {
    assert.ok(performance.now() < end, 'a new bundle is made');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const renewed = JSON.parse(readFileSync(manifestPath, 'utf8')) as { name: string };
  assert.notEqual(renewed.name, manifest.name);
  assert.equal(fromBundle('--version'), fromSources('--version'));
});
