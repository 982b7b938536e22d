import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { captureCli, type Captured } from './testing/capture.ts';
import { whyOlderCli } from '../../tools/test-run/docker-cli.ts';

const SOCKET = process.env['GANTRY_REFERENCE_SOCKET'] ?? '/run/peers/docker.sock';
const skip = await reasonToSkip();
/** The docker program may be older than the daemon: we speak its version then. */
const apiVersion = skip === undefined ? execFileSync('docker', ['-H', `unix://${SOCKET}`, 'version', '-f', '{{.Client.APIVersion}}'], { encoding: 'utf8' }).trim() : '';
const image = `gantry-cli-test:${process.pid}`;
const MOST_ATTEMPTS = 50;
const MOST_DIFFERING = 3;
const scratch = mkdtempSync(join(tmpdir(), 'gantry-cli-'));

/** The command line as a program of its own, where a test needs a process or a terminal. */
const self = [
  process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e',
  `const { runCli } = await import(${JSON.stringify(new URL('./main.ts', import.meta.url).href)}); process.exitCode = await runCli(process.argv.slice(1), process);`, '--',
];

type Cli = (argv: readonly string[], stdin?: string) => Promise<Captured>;

/** Each step is a command line; `NAME` is the run's own prefix. A step may come with standard input. */
type Step = readonly string[] | { readonly argv: readonly string[]; readonly stdin: string };

/** Both programs run these against the same daemon, each with its own names, and must say the same. */
const scripts: Readonly<Record<string, readonly Step[]>> = {
  'a container from birth to death': [
    ['create', '--name', 'NAME', '--label', 'a=b', '--label', 'z', '-e', 'A=1', '--expose', '80-82', '--expose', '9/udp', image, 'sh', '-c', 'echo out; sleep 0.1; echo err >&2; sleep 30'],
    ['ps', '-a', '--filter', 'name=NAME'],
    ['start', 'NAME'],
    ['ps', '--filter', 'name=NAME', '--format', '{{.Names}} {{.Image}} {{.State}} {{.Labels}} {{.Label "a"}} {{.Command}} {{.Networks}} {{.Ports}} {{.LocalVolumes}}'],
    ['ps', '--filter', 'name=NAME', '--no-trunc', '--format', 'table {{.Names}}\\t{{.Command}}'],
    ['ps', '-q', '--filter', 'name=NAME'],
    ['exec', 'NAME', 'sh', '-c', 'echo hi; echo oops >&2; exit 3'],
    { argv: ['exec', '-i', 'NAME', 'cat'], stdin: 'through\n' },
    ['exec', '-e', 'X=1', '-w', '/tmp', 'NAME', 'sh', '-c', 'echo $X $PWD $A'],
    ['exec', 'NAME', 'nosuch'],
    ['exec', '-it', 'NAME', 'sh'],
    ['logs', 'NAME'],
    ['logs', '-n', '1', 'NAME'],
    ['logs', '--until', '10m', 'NAME'],
    ['top', 'NAME', '-o', 'args'],
    ['inspect', '-f', '{{.Name}} {{.State.Status}} {{.Config.Image}} {{json .Config.Labels}} {{.State.Health}} {{.HostConfig.NetworkMode}}', 'NAME'],
    ['inspect', '-f', '{{range .Config.Env}}{{println .}}{{end}}{{.Config.StopSignal}}{{if .State.Running}}up{{else}}down{{end}}', 'NAME'],
    ['inspect', '-f', '{{.Nope}}', 'NAME'],
    ['pause', 'NAME'],
    ['attach', 'NAME'],
    ['unpause', 'NAME'],
    ['rename', 'NAME', 'NAME-b'],
    ['rm', 'NAME-b'],
    ['kill', 'NAME-b'],
    ['wait', 'NAME-b'],
    ['attach', 'NAME-b'],
    ['ps', '-a', '--filter', 'name=NAME', '--format', '{{.Names}} {{.State}}'],
    ['start', '-a', 'NAME-b', '--nope'],
    ['stop', '-t', '0', 'NAME-b'],
    ['commit', '-m', 'msg', 'NAME-b', 'NAME:made'],
    ['images', 'NAME'],
    ['rmi', 'NAME:made'],
    ['restart', '-t', '0', 'NAME-b'],
    ['rm', '-f', 'NAME-b'],
    ['rm', '-f', 'NAME-b'],
  ],
  'running in the foreground': [
    ['run', '--rm', image, 'echo', 'hi'],
    ['run', '--rm', image, 'sh', '-c', 'echo out; echo err >&2; exit 42'],
    { argv: ['run', '-i', '--rm', image, 'sh', '-c', 'cat; exit 7'], stdin: 'from outside\n' },
    ['run', '--rm', image, 'nosuch-program'],
    ['run', '--rm', image, '/no/such/path'],
    ['run', '--rm', image, '/etc/passwd'],
    ['run', '--rm', '-w', '/x', '-e', 'A=b', '-u', '5:6', '-h', 'box', image, 'sh', '-c', 'echo $PWD $A $UID $HOSTNAME'],
    ['run', '-it', '--rm', image, 'sh'],
    ['run', '--rm', '-t', image, 'echo', 'with a terminal'],
    ['run', '--rm', image, 'sh', '-c', 'kill -TERM $$; sleep 1'],
    ['run', '-d', '--name', 'NAME', image, 'sleep', '30'],
    ['run', '--name', 'NAME', image, 'true'],
    ['run', '--rm', '--network', 'nosuch-network', image, 'true'],
    ['run', '--pull', 'never', 'nosuch-image', 'true'],
    ['run', '-d', '-a', 'stdout', image],
    ['stop', '-t', '0', 'NAME'],
    ['rm', '-v', 'NAME'],
  ],
  'complaints': [
    ['inspect', 'nosuch'], ['inspect', '--type', 'volume', 'nosuch'], ['container', 'inspect', 'nosuch'], ['image', 'inspect', 'nosuch'], ['logs', 'nosuch'],
    ['start', 'nosuch', 'nosuch2'], ['stop', 'nosuch'], ['rm', 'nosuch', 'nosuch2'], ['rm', '-f', 'nosuch'], ['rmi', 'nosuch'], ['rmi', '-f', 'nosuch'], ['tag', 'nosuch', 'x'],
    ['exec', 'nosuch', 'sh'], ['attach', 'nosuch'], ['wait', 'nosuch'], ['kill', 'nosuch'], ['top', 'nosuch'], ['pause', 'nosuch'], ['rename', 'nosuch', 'x'],
    ['network', 'rm', 'nosuch'], ['network', 'inspect', 'nosuch'], ['volume', 'rm', 'nosuch'], ['volume', 'inspect', 'nosuch'], ['ps', 'x'], ['ps', '--nope'], ['ps', '-f', 'x'],
    ['ps', '-f', 'nope=x'], ['ps', '--format', '{{.Nope}}'], ['ps', '--format', '{{.ID'], ['images', '--format', '{{.Nope}}'], ['inspect', '-f', '{{', 'x'], ['exec', 'x'], ['run'],
    ['nosuch'], ['container', 'nosuch'], ['logs', '--since', 'x', 'nosuch'], ['load', '-i', '/nonexistent'], ['import', '/nonexistent'], ['cp', 'a', 'b'], ['cp', 'a:b', 'c:d'],
    ['network', 'create', '--subnet', '10.0.0.0/24', '--gateway', '10.1.0.1', 'x'], ['save', 'nosuch'], ['tag', 'a', 'b@sha256:' + 'a'.repeat(64)],
  ],
  'networks and volumes': [
    ['network', 'create', '--label', 'a=b', '--subnet', '10.213.SUBNET.0/24', '--gateway', '10.213.SUBNET.1', '--aux-address', 'x=10.213.SUBNET.9', '--internal', 'NAME'],
    ['network', 'ls', '--filter', 'name=NAME'],
    ['network', 'ls', '--filter', 'name=NAME', '--format', '{{.Name}} {{.Driver}} {{.Internal}} {{.IPv4}} {{.IPv6}} {{.Labels}} {{.Scope}}'],
    ['network', 'inspect', '-f', '{{.Name}} {{json .IPAM}} {{.Internal}} {{json .Labels}}', 'NAME'],
    ['create', '--name', 'NAME', image],
    ['network', 'connect', '--alias', 'one,two', '--ip', '10.213.SUBNET.7', 'NAME', 'NAME'],
    ['inspect', '-f', '{{(index .NetworkSettings.Networks "NAME").IPAMConfig.IPv4Address}}', 'NAME'],
    ['network', 'disconnect', 'NAME', 'NAME'],
    ['rm', 'NAME'],
    ['network', 'rm', 'NAME'],
    ['network', 'rm', '-f', 'NAME'],
    ['volume', 'create', '--label', 'a=b', 'NAME'],
    ['volume', 'ls', '--filter', 'name=NAME'],
    ['volume', 'ls', '-q', '--filter', 'name=NAME'],
    ['volume', 'inspect', '-f', '{{.Name}} {{.Driver}} {{.Scope}} {{json .Labels}} {{json .Options}}', 'NAME'],
    ['run', '--rm', '-v', 'NAME:/data', image, 'sh', '-c', 'echo kept > /data/file'],
    ['run', '--rm', '-v', 'NAME:/data:ro', image, 'sh', '-c', 'cat /data/file'],
    ['volume', 'rm', 'NAME'],
  ],
  'images': [
    ['tag', image, 'NAME:one'],
    ['images', '--filter', 'reference=NAME'],
    ['images', 'NAME', '--digests', '--no-trunc'],
    ['images', 'NAME', '--format', '{{.Repository}}:{{.Tag}} {{.ID}} {{.Size}} {{.Digest}}'],
    ['image', 'inspect', '-f', '{{.Os}} {{.Config.Cmd}} {{len .RootFS.Layers}}', 'NAME:one'],
    ['save', '-o', join(scratch, 'NAME.tar'), 'NAME:one'],
    ['rmi', 'NAME:one'],
    ['load', '-i', join(scratch, 'NAME.tar')],
    ['load', '-q', '-i', join(scratch, 'NAME.tar')],
    ['image', 'rm', 'NAME:one', 'NAME:nosuch'],
  ],
};

/** Nothing changes between the two: the output must be equal to the byte. */
const readings: readonly (readonly string[])[] = [
  ['ps', '-a', '--no-trunc'], ['ps', '-a', '--format', 'json'], ['ps', '-aq'], ['ps', '-a', '-s'], ['ps', '-n', '1'], ['ps', '-l'],
  ['images'], ['images', '-a', '--digests'], ['images', '-q', '--no-trunc'], ['images', '--format', 'json'], ['image', 'ls', '--format', 'table {{.ID}}\\t{{.CreatedAt}}'],
  ['inspect', 'SHARED'], ['inspect', '--format', 'json', 'SHARED'], ['inspect', '-s', 'SHARED', image], ['image', 'inspect', image], ['inspect', 'bridge', 'nosuch'],
  ['logs', 'SHARED'], ['logs', '-t', 'SHARED'], ['logs', '--tail', '1', 'SHARED'], ['logs', '--since', '1h', '--until', '2030-01-01T00:00:00Z', 'SHARED'],
  ['network', 'ls'], ['network', 'ls', '--no-trunc'], ['network', 'ls', '--format', 'json'], ['network', 'inspect', 'none', 'host'], ['volume', 'ls'], ['volume', 'ls', '--format', 'json'],
  ['system', 'df'], ['system', 'df', '-v'], ['system', 'df', '--format', 'json'], ['version', '-f', '{{json .Server}}'], ['version', '-f', '{{.Server.Version}} {{.Server.APIVersion}}'],
  ['info', '-f', '{{.ServerVersion}} {{.NCPU}} {{.OSType}} {{json .SecurityOptions}} {{range .DriverStatus}}{{index . 0}}{{end}}'],
  ['events', '--since', '10m', '--until', 'NOW', '--filter', 'container=SHARED'], ['events', '--since', '10m', '--until', 'NOW', '--filter', 'container=SHARED', '--format', 'json'],
  ['events', '--since', '10m', '--until', 'NOW', '--filter', 'container=SHARED', '--format', '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}'], ['wait', 'SHARED'],
];

describe('the same words as docker, against a real daemon', { skip: skip ?? false }, () => {
  const shared = `gantry-cli-shared-${process.pid}`;
  before(async () => {
    await mustSucceed(gantry(['import', '-c', 'CMD ["sh"]', '-c', 'LABEL made=here', '-', image], rootfs()));
    await mustSucceed(gantry(['run', '--name', shared, '--label', 'x=y', '--expose', '81-82', '-v', '/anonymous', image, 'sh', '-c', 'echo one; echo two >&2; exit 5']), 5);
  });
  after(async () => {
    await gantry(['rm', '-f', '-v', shared]);
    await mustSucceed(gantry(['rmi', '-f', image]));
    rmSync(scratch, { recursive: true });
  });

  describe('scripts', { concurrency: true }, () => {
    for (const [script, [title, steps]] of Object.entries(scripts).entries()) {
      test(title, async () => {
        const name = `gdx${process.pid}s${script}`;
        const [theirs, mine] = await Promise.all([play(docker, steps, `${name}d`, 1), play(gantry, steps, `${name}g`, 2)]);
        for (const [index, step] of steps.entries()) assert.deepEqual(mine[index], theirs[index], JSON.stringify(step));
      });
    }
  });

  for (const reading of readings) {
    test(`gantry ${reading.join(' ')}`, async () => {
      const now = String(Math.floor(Date.now() / 1000));
      const argv = reading.map((word) => word.replaceAll('SHARED', shared).replaceAll('NOW', now));
      // Others use the daemon, and seconds pass: it counts when docker says the same before and after us. What came and went between is rare.
      for (let attempts = 0, differing = 0; attempts < MOST_ATTEMPTS; attempts++) {
        const moments = await imageMoments();
        const theirs = untied(await docker(argv), moments);
        const mine = untied(await gantry(argv), moments);
        if (!same(theirs, untied(await docker(argv), moments))) continue;
        if (same(theirs, mine)) return;
        if (++differing === MOST_DIFFERING) assert.deepEqual(mine, theirs);
      }
      assert.fail(`the daemon was never at rest in ${MOST_ATTEMPTS} attempts`);
    });
  }

  test('info prints the same of the server', async () => {
    const [theirs, mine] = await Promise.all([docker(['info']), gantry(['info'])]);
    const server = ({ stdout }: Captured): readonly string[] => stdout.slice(stdout.indexOf('Server:')).split('\n').map(sortWords);
    assert.deepEqual(server(mine), server(theirs));
  });

  test('version prints the same of the server', async () => {
    const [theirs, mine] = await Promise.all([docker(['version']), gantry(['version'])]);
    const server = ({ stdout }: Captured): string => stdout.slice(stdout.indexOf('Server:'));
    assert.equal(server(mine), server(theirs));
  });

  for (const [title, source, target] of [['a file', 'file', 'NAME:/copied'], ['a directory', 'dir', 'NAME:/tmp'], ['what is in a directory', 'dir/.', 'NAME:/made']] as const) {
    test(`cp ${title} in and out`, async () => {
      execFileSync('sh', ['-c', 'mkdir -p dir/sub && echo one > file && echo two > dir/sub/two && ln -sf sub/two dir/link'], { cwd: scratch });
      const listings: string[] = [];
      for (const [cli, name] of [[docker, `gdc${process.pid}d`], [gantry, `gdc${process.pid}g`]] as const) {
        await mustSucceed(cli(['create', '--name', name, image]));
        await mustSucceed(cli(['cp', join(scratch, source) + (source.endsWith('.') ? '/.' : ''), target.replace('NAME', name)]));
        const out = join(scratch, name);
        await mustSucceed(cli(['cp', target.replace('NAME', name), out]));
        listings.push(execFileSync('sh', ['-c', `cd ${out} 2>/dev/null && find . -printf '%P %y %l %m\\n' | sort; [ -f ${out} ] && cat ${out}; rm -rf ${out}`], { encoding: 'utf8' }));
        await mustSucceed(cli(['rm', '-f', name]));
      }
      assert.equal(listings[1], listings[0]);
      assert.notEqual(listings[0], '');
    });
  }

  test('run -t has the size of our terminal, and its bytes come through unchanged', { skip: existsSync('/usr/bin/script') ? false : 'no script program to make a terminal with' }, async () => {
    const inner = `stty rows 33 cols 101; ${self.map((word) => `'${word}'`).join(' ')} -H unix://${SOCKET} run -it --rm ${image} sh -c 'sleep 0.3; stty size; stty -opost; printf "a\\nb\\r\\nc"; exit 4'`;
    const { code, text } = await new Promise<{ code: unknown; text: string }>((resolve) => {
      const child = execFile('script', ['-qec', inner, '/dev/null'], { encoding: 'utf8' }, (error, stdout) => resolve({ code: error?.code, text: stdout }));
      child.on('exit', () => child.stdin?.end());
    });
    assert.deepEqual({ code, text }, { code: 4, text: '33 101\r\na\nb\r\nc' });
  });

  test('a signal to run reaches the container, and run has its exit code', async () => {
    const [program = '', ...programArgs] = self;
    const run = spawn(program, [...programArgs, '-H', `unix://${SOCKET}`, 'run', '--rm', image, 'sh', '-c', 'trap "echo got it; exit 9" TERM; echo ready; while :; do sleep 0.1; done']);
    let text = '';
    run.stdout.on('data', (bytes) => {
      text += String(bytes);
      if (text === 'ready\n') run.kill('SIGTERM');
    });
    const code = await new Promise((resolve) => run.on('close', resolve));
    assert.deepEqual({ code, text }, { code: 9, text: 'ready\ngot it\n' });
  });
});

async function play(cli: Cli, steps: readonly Step[], name: string, subnet: number): Promise<readonly Captured[]> {
  const results: Captured[] = [];
  for (const step of steps) {
    const { argv, stdin } = 'argv' in step ? step : { argv: step, stdin: '' };
    const filled = argv.map((word) => word.replaceAll('NAME', name).replaceAll('SUBNET', String((process.pid % 100) * 2 + subnet)));
    results.push(normalise(await cli(filled, stdin), name, subnet));
  }
  return results;
}

/** Ids, names and ages differ: of two equal transcripts only these. */
function normalise({ code, stdout, stderr }: Captured, name: string, subnet: number): Captured {
  const clean = (text: string): string =>
    text
      .replaceAll(name, 'NAME')
      .replaceAll(`10.213.${(process.pid % 100) * 2 + subnet}.`, '10.213.N.')
      .replaceAll(/\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b/g, 'ID')
      .replaceAll(/(Less than a second|\d+ seconds?) ago|Up (Less than a second|\d+ seconds?)/g, 'AGE')
      .replaceAll(/ {2,}/g, '  ')
      .replaceAll(/^docker:/gm, 'gantry:')
      .replaceAll(/(?<=['":  ])docker (?=[a-z\-[C])/g, 'gantry ');
  return { code, stdout: clean(stdout), stderr: clean(stderr) };
}

async function docker(argv: readonly string[], stdin = ''): Promise<Captured> {
  return new Promise((resolve) => {
    const child = execFile('docker', ['-H', `unix://${SOCKET}`, ...argv], { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    child.stdin?.on('error', () => undefined).end(stdin);
  });
}

async function gantry(argv: readonly string[], stdin: string | Buffer = ''): Promise<Captured> {
  return captureCli(['-H', `unix://${SOCKET}`, ...argv], { stdin, env: { DOCKER_API_VERSION: apiVersion } });
}

async function mustSucceed(result: Promise<Captured>, code = 0): Promise<void> {
  const captured = await result;
  assert.equal(captured.code, code, captured.stderr);
}

/** When each image was made, by the first 12 digits of its id. */
async function imageMoments(): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await docker(['images', '-a', '--no-trunc', '--format', '{{.ID}} {{.CreatedAt}}']);
  return new Map(stdout.split('\n').map((line) => [line.slice('sha256:'.length).slice(0, 12), line.slice(line.indexOf(' ') + 1)]));
}

/** The daemon lists images of one moment in any order, each time in another: such rows are put in the order of their text. */
function untied(captured: Captured, moments: ReadonlyMap<string, string>): Captured {
  const momentOf = (line: string): string | undefined => moments.get(/\b[0-9a-f]{12}/.exec(line)?.[0] ?? '');
  const lines = captured.stdout.split('\n');
  for (let from = 0, to = 1; from < lines.length; from = to++) {
    const moment = momentOf(lines[from] ?? '');
    while (to < lines.length && moment !== undefined && momentOf(lines[to] ?? '') === moment) to += 1;
    lines.splice(from, to - from, ...lines.slice(from, to).sort());
  }
  return { ...captured, stdout: timeless(lines.join('\n')) };
}

/**
 * Of `system df -v` alone: the daemon lists volumes in any order there, and of its thousand rows of a build cache the age of one changes at
 * every moment, and the width of the columns with it.
 */
function timeless(text: string): string {
  const [before, volumes, after] = text.split(/^(VOLUME NAME +LINKS[^]*?\n)(?=\n|$)/m);
  if (volumes === undefined) return text;
  const [head = '', ...rows] = volumes.trimEnd().split('\n');
  return [before, [head, ...rows.sort()].join('\n'), '\n', after].join('').replaceAll(/(Less than a second|About an? \w+|\d+ \w+) ago/g, 'AGE').replaceAll(/ {2,}/g, '  ');
}

function same(a: Captured, b: Captured): boolean {
  return a.code === b.code && a.stdout === b.stdout && a.stderr === b.stderr;
}

/** The names of runtimes come out of a map. */
function sortWords(line: string): string {
  return line.startsWith(' Runtimes:') ? line.split(' ').toSorted().join(' ') : line;
}

/** A root with a shell and a few programs of this machine and the libraries that they load. */
function rootfs(): Buffer {
  const programs = ['sh', 'bash', 'sleep', 'cat', 'true', 'echo', 'mkdir', 'stty'].map((name) => execFileSync('sh', ['-c', `command -v ${name} | grep / || echo /bin/${name}`], { encoding: 'utf8' }).trim());
  const libraries = programs.flatMap((program) => execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/[^ ]+\.so[^ ]*/g) ?? []);
  const passwd = join(scratch, 'passwd');
  writeFileSync(passwd, 'root:x:0:0::/:/bin/sh\n', { mode: 0o644 });
  const archive = join(scratch, 'root.tar');
  const wanted = [...new Set([...programs, ...libraries])].map((path) => path.replace(/^\/usr\/(bin|lib|lib64)\//, '/$1/'));
  execFileSync('tar', ['-chf', archive, '--no-recursion', `--transform=s|^${passwd.slice(1)}|etc/passwd|`, ...new Set(wanted), passwd, '/tmp'], { stdio: 'ignore' });
  return readFileSync(archive);
}

async function reasonToSkip(): Promise<string | undefined> {
  const tooOld = whyOlderCli(28);
  if (tooOld !== false) return tooOld;
  return new Promise((resolve) => {
    const socket = connect(SOCKET);
    socket.on('error', () => resolve(`no reference daemon answers at ${SOCKET}`));
    socket.on('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
  });
}
