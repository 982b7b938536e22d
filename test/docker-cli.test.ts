import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { busyboxTar } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { freePort } from './world/free-port.ts';
import { wordOf } from '../tools/test-run/docker-cli.ts';
import { RunningCli } from './world/running-cli.ts';
import { dockerScenarios } from './world/scenarios.ts';

const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const scenarios = dockerScenarios('docker-cli-scenarios');
const { scenario, ok, fails } = scenarios;

const inspect = (name: string, template: string): string => ok('inspect', '-f', template, name);
const sleeper = (name: string, ...more: readonly string[]): string => ok('run', '-d', '--name', name, ...more, 'busybox', 'sleep', '1000');
const inside = (name: string, script: string): string => ok('exec', name, 'sh', '-c', script);

function fetchFrom(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end('GET /index.html HTTP/1.0\r\n\r\n'));
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => (text += piece)).on('close', () => resolve(text)).on('error', reject);
  });
}

const SERVE = ['sh', '-c', 'echo a page > /var/www/index.html; exec httpd -f -p 80 -h /var/www'];

/** The server in the container needs a moment. */
async function servesPage(port: number): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const text = await fetchFrom(port).catch(() => '');
    if (text.includes('a page')) return;
    assert.ok(attempt < 100, `nothing is served on port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

scenario('version tells of both sides', () => {
  assert.match(ok('version'), /Server:[^]*API version: +1\.\d+ \(minimum version 1\.24\)/);
});

scenario('info tells of the machine and of what is there', () => {
  sleeper('one');
  assert.equal(ok('info', '-f', '{{.Containers}} {{.ContainersRunning}} {{.Images}} {{.OSType}}'), '1 1 1 linux');
});

scenario('run prints both streams apart and exits as the program does', () => {
  assert.deepEqual(scenarios.daemon.docker('run', '--rm', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 42'), { code: 42, out: 'out\n', err: 'err\n' });
});

scenario('run exits with 125, 126 and 127 as docker does', () => {
  fails(125, /Invalid container name/, 'run', '--name', 'bad/name', 'busybox');
  fails(126, /permission denied/, 'run', '--rm', 'busybox', '/etc/passwd');
  fails(127, /executable file not found/, 'run', '--rm', 'busybox', 'nosuch');
  assert.equal(ok('ps', '-aq'), '');
});

scenario('a run with --rm that can not start leaves nothing and does not hang', () => {
  fails(125, /unable to find user/, 'run', '--rm', '-u', 'nobodyhere', 'busybox', 'true');
  fails(125, /bind source path does not exist/, 'run', '--rm', '--mount', 'type=bind,src=/nonexistent,dst=/x', 'busybox', 'true');
  assert.equal(ok('ps', '-aq'), '');
});

scenario('run -i reads what is piped in', () => {
  assert.equal(scenarios.daemon.dockerWith({ input: 'x'.repeat(1_000_000) }, 'run', '--rm', '-i', 'busybox', 'wc', '-c').out.trim(), '1000000');
});

scenario('run -it has a terminal', async () => {
  const cli = new RunningCli(scenarios.daemon, ['run', '--rm', '-it', 'busybox', 'sh'], { terminal: true });
  await cli.says('# ');
  cli.type('tty; exit 3\n');
  assert.equal(await cli.ended(), 3);
  assert.match(cli.out, /\/dev\/pts\/0/);
});

scenario('a signal to run reaches the program', async () => {
  const cli = new RunningCli(scenarios.daemon, ['run', '--rm', 'busybox', 'sh', '-c', 'trap "echo caught; exit 9" TERM; echo ready; while :; do sleep 0.05; done']);
  await cli.says('ready');
  cli.signal('SIGTERM');
  assert.equal(await cli.ended(), 9);
  assert.equal(cli.out, 'ready\ncaught\n');
});

scenario('a published port is reached through the host', async () => {
  const port = await freePort();
  ok('run', '-d', '--name', 'web', '-p', `127.0.0.1:${port}:80`, 'busybox', ...SERVE);
  await servesPage(port);
  assert.equal(ok('port', 'web'), `80/tcp -> 127.0.0.1:${port}`);
});

scenario('a port that nobody chose is drawn and told', async () => {
  ok('run', '-d', '--name', 'web', '-p', '127.0.0.1::80', 'busybox', ...SERVE);
  const port = Number(ok('port', 'web', '80').split(':').at(-1));
  assert.ok(port >= 32_768, String(port));
  await servesPage(port);
  sleeper('many', '-P', '--expose', '81', '--expose', '82', '--expose', '83/udp', '-p', '84');
  const drawn = ok('port', 'many').split('\n').filter((line) => line.includes('0.0.0.0')).map((line) => line.replace(/.*\/(\w+) -> .*:(\d+)$/, '$1 $2'));
  assert.deepEqual([drawn.length, new Set([...drawn, `tcp ${port}`]).size], [4, 5], drawn.join(' '));
});

scenario('a range of ports is published one to one', () => {
  const first = 24_000 + (process.pid % 1000) * 3;
  sleeper('ranges', '-p', `127.0.0.1:${first}-${first + 2}:90-92/udp`);
  const ports = ok('port', 'ranges').split('\n');
  // Debian's CLI prints them in no order.
  assert.deepEqual(wordOf({ newest: ports, debian: ports.toSorted() }), [0, 1, 2].map((at) => `${90 + at}/udp -> 127.0.0.1:${first + at}`));
});

scenario('a port that is taken is refused by name', async () => {
  const port = await freePort();
  sleeper('first', '-p', `127.0.0.1:${port}:80`);
  fails(125, /port is already allocated/, 'run', '-d', '--name', 'second', '-p', `127.0.0.1:${port}:80`, 'busybox', 'sleep', '9');
});

scenario('a link of the default network is a name and variables, and is taken off again', () => {
  sleeper('db', '--expose', '80');
  sleeper('web', '--link', 'db:data', '--link', 'db:other');
  assert.match(inside('web', 'cat /etc/hosts; env'), /\tdata [^]*\tother [^]*DATA_PORT_80_TCP=tcp:/);
  fails(1, /No such container: web\/none/, 'rm', '--link', 'web/none');
  fails(1, /cannot remove the default link name of the container/, 'rm', '--link', 'web');
  ok('rm', '--link', 'web/data');
  assert.equal(inspect('web', '{{json .HostConfig.Links}}'), '["/db:/web/other"]');
  for (const _ of ['while it runs', 'and later']) {
    assert.match(inside('web', 'cat /etc/hosts'), /^(?![^]*\tdata )[^]*\tother /);
    ok('restart', '-t', '0', 'web');
  }
});

scenario('a directory of the host is there to read and write, or only to read', () => {
  const directory = `${scenarios.daemon.directory}/bound`;
  mkdirSync(directory);
  writeFileSync(`${directory}/file`, 'from the host\n');
  assert.equal(ok('run', '--rm', '-v', `${directory}:/b`, 'busybox', 'sh', '-c', 'cat /b/file; echo back > /b/new'), 'from the host');
  assert.equal(readFileSync(`${directory}/new`, 'utf8'), 'back\n');
  fails(1, /Read-only file system/, 'run', '--rm', '-v', `${directory}:/b:ro`, 'busybox', 'touch', '/b/x');
});

scenario('a new volume begins with what the image has there, and keeps what is written', () => {
  ok('run', '--rm', '-v', 'kept:/etc', 'busybox', 'sh', '-c', 'echo mine > /etc/mine');
  assert.match(ok('run', '--rm', '-v', 'kept:/v', 'busybox', 'sh', '-c', 'cat /v/passwd /v/mine'), /^root:[^]*\nmine$/);
  ok('volume', 'rm', 'kept');
});

scenario('volumes are created, listed, inspected and removed', () => {
  ok('volume', 'create', '--label', 'a=b', 'one');
  assert.equal(ok('volume', 'ls', '-q', '--filter', 'label=a=b'), 'one');
  assert.equal(ok('volume', 'inspect', '-f', '{{.Driver}} {{.Labels.a}}', 'one'), 'local b');
  sleeper('user', '-v', 'one:/v');
  fails(1, /volume is in use/, 'volume', 'rm', 'one');
  ok('rm', '-f', 'user');
  assert.equal(ok('volume', 'rm', 'one'), 'one');
  assert.equal(ok('volume', 'ls', '-q'), '');
});

scenario('an anonymous volume goes with its container', () => {
  ok('run', '--rm', '-v', '/anonymous', 'busybox', 'true');
  assert.equal(ok('volume', 'ls', '-q'), '');
  sleeper('one', '-v', '/anonymous');
  ok('rm', '-fv', 'one');
  assert.equal(ok('volume', 'ls', '-q'), '');
});

scenario('environment, directory, user, entrypoint and host name are as asked', () => {
  assert.equal(ok('run', '--rm', '-e', 'A=b c', 'busybox', 'sh', '-c', 'echo $A'), 'b c');
  assert.equal(ok('run', '--rm', '-w', '/made/here', 'busybox', 'pwd'), '/made/here');
  assert.equal(ok('run', '--rm', '-u', 'user', 'busybox', 'id'), 'uid=1000(user) gid=1000(user) groups=1000(user),2000(extra)');
  assert.equal(ok('run', '--rm', '--entrypoint', 'echo', 'busybox', 'x'), 'x');
  assert.equal(ok('run', '--rm', '--hostname', 'inner', 'busybox', 'hostname'), 'inner');
});

scenario('a root that is read-only can have places to write', () => {
  fails(1, /Read-only file system/, 'run', '--rm', '--read-only', 'busybox', 'touch', '/x');
  assert.equal(ok('run', '--rm', '--read-only', '--tmpfs', '/t', 'busybox', 'sh', '-c', 'touch /t/x && ls /t'), 'x');
});

scenario('dropped capabilities are gone', () => {
  assert.match(ok('run', '--rm', '--cap-drop', 'ALL', 'busybox', 'grep', 'CapBnd', '/proc/self/status'), /0000000000000000$/);
  fails(1, /Operation not permitted/, 'run', '--rm', '--cap-drop', 'CHOWN', 'busybox', 'chown', 'user', '/tmp');
});

scenario('a privileged container may mount', () => {
  assert.equal(ok('run', '--rm', '--privileged', 'busybox', 'sh', '-c', 'mount -t tmpfs none /tmp && echo mounted'), 'mounted');
});

scenario('limits are in the control groups', () => {
  sleeper('limited', '-m', '64m', '--cpus', '0.5', '--pids-limit', '50');
  const files = existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'memory.max pids.max cpu.max' : 'memory/memory.limit_in_bytes pids/pids.max cpu/cpu.cfs_quota_us';
  assert.match(inside('limited', `cd /sys/fs/cgroup && cat ${files}`), /^67108864\n50\n50000( 100000)?$/);
});

scenario('networks: bridge, none, host and that of another container', () => {
  assert.match(ok('run', '--rm', 'busybox', 'ip', 'addr', 'show', 'eth0'), /inet \d+\.\d+\./);
  assert.equal(ok('run', '--rm', '--network', 'none', 'busybox', 'ls', '/sys/class/net'), 'lo');
  assert.equal(ok('run', '--rm', '--network', 'host', 'busybox', 'readlink', '/proc/self/ns/net'), execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim());
  sleeper('first');
  assert.equal(ok('run', '--rm', '--network', 'container:first', 'busybox', 'hostname', '-i'), inside('first', 'hostname -i'));
});

scenario('network ls and inspect show the bridge and who is on it', () => {
  sleeper('one');
  assert.deepEqual(ok('network', 'ls', '--format', '{{.Name}}').split('\n').sort(), ['bridge', 'host', 'none']);
  assert.match(ok('network', 'inspect', 'bridge', '-f', '{{range .Containers}}{{.Name}} {{.IPv4Address}}{{end}}'), /^one [\d.]+\/\d+$/);
});

scenario('ps filters and formats', () => {
  sleeper('runs', '--label', 'a=b');
  scenarios.daemon.docker('run', '--name', 'over', 'busybox', 'sh', '-c', 'exit 3');
  ok('create', '--name', 'fresh', 'busybox');
  const names = (...filters: readonly string[]): string => ok('ps', '-a', ...filters.flatMap((filter) => ['--filter', filter]), '--format', '{{.Names}}');
  assert.equal(names(), 'fresh\nover\nruns');
  assert.equal(names('status=running'), 'runs');
  assert.equal(names('exited=3'), 'over');
  assert.equal(names('label=a=b'), 'runs');
  assert.equal(names('name=^f'), 'fresh');
  assert.equal(ok('ps', '--format', '{{.Names}} {{.State}} {{.Image}}'), 'runs running busybox');
  assert.match(ok('ps', '-a', '--filter', 'name=over', '--format', '{{.Status}}'), /^Exited \(3\)/);
});

scenario('exec has its streams, exit code, environment, user and directory', () => {
  sleeper('host');
  assert.deepEqual(scenarios.daemon.docker('exec', 'host', 'sh', '-c', 'echo out; echo err >&2; exit 7'), { code: 7, out: 'out\n', err: 'err\n' });
  assert.equal(scenarios.daemon.dockerWith({ input: 'piped' }, 'exec', '-i', 'host', 'cat').out, 'piped');
  assert.equal(ok('exec', '-e', 'A=1', '-u', 'user', '-w', '/etc', 'host', 'sh', '-c', 'echo $A $(id -u) $(pwd)'), '1 1000 /etc');
  assert.equal(scenarios.daemon.docker('exec', 'host', 'nosuch').code, 127);
  assert.equal(scenarios.daemon.docker('exec', 'host', '/etc/passwd').code, 126);
});

scenario('exec -it has a terminal', async () => {
  sleeper('host');
  const cli = new RunningCli(scenarios.daemon, ['exec', '-it', 'host', 'sh'], { terminal: true });
  await cli.says('# ');
  cli.type('tty; exit 5\n');
  assert.equal(await cli.ended(), 5);
  assert.match(cli.out, /\/dev\/pts\/\d/);
});

scenario('exec -d goes on by itself', () => {
  sleeper('host');
  ok('exec', '-d', 'host', 'sh', '-c', 'echo done > /tmp/file');
  assert.equal(inside('host', 'for i in 1 2 3 4 5 6 7 8 9; do test -s /tmp/file && break; sleep 0.1; done; cat /tmp/file'), 'done');
});

scenario('exec a hundred times in a row gives every output whole', () => {
  sleeper('host');
  const script = 'for i in $(seq 100); do docker exec host echo $i; done';
  const ran = spawnSync('sh', ['-c', script], { env: { ...process.env, DOCKER_HOST: `unix://${scenarios.daemon.socket}` }, encoding: 'utf8' });
  assert.equal(ran.stdout, Array.from({ length: 100 }, (_, at) => `${at + 1}\n`).join(''), ran.stderr);
});

scenario('attach joins a program that runs', async () => {
  ok('run', '-di', '--name', 'talker', 'busybox', 'sh', '-c', 'read line; echo heard $line; exit 4');
  const cli = new RunningCli(scenarios.daemon, ['attach', 'talker']);
  // The client tells nobody when it has joined.
  await new Promise((resolve) => setTimeout(resolve, 300));
  cli.type('this\n');
  assert.equal(await cli.ended(), 4);
  assert.equal(cli.out, 'heard this\n');
});

scenario('attach is left by its keys, and the container goes on', async () => {
  ok('run', '-dit', '--name', 'talker', 'busybox', 'sh');
  for (const [flags, keys] of [[[], '\x10\x11'], [['--detach-keys', 'ctrl-x,y'], '\x18y']] as const) {
    const cli = new RunningCli(scenarios.daemon, ['attach', ...flags, 'talker'], { terminal: true });
    // What the terminal echoes is not yet the answer.
    cli.type('echo he""re\n');
    await cli.says('\nhere\r\n');
    cli.type(keys);
    assert.ok([0, 1].includes(await cli.ended()), cli.out);
    assert.match(cli.out, /read escape sequence/);
    assert.equal(inspect('talker', '{{.State.Running}}'), 'true');
  }
});

scenario('stop asks first and then kills: 143 or 137', () => {
  ok('run', '-d', '--name', 'polite', '--init=false', 'busybox', 'sh', '-c', 'trap "exit 143" TERM; while :; do sleep 0.05; done');
  ok('stop', 'polite');
  assert.equal(inspect('polite', '{{.State.ExitCode}}'), '143');
  sleeper('deaf');
  ok('stop', '-t', '1', 'deaf');
  assert.equal(inspect('deaf', '{{.State.ExitCode}}'), '137');
});

scenario('kill sends the signal that is named', async () => {
  ok('run', '-d', '--name', 'one', 'busybox', 'sh', '-c', 'trap "echo usr1" USR1; echo ready; while :; do sleep 0.05; done');
  const logs = new RunningCli(scenarios.daemon, ['logs', '-f', 'one']);
  await logs.says('ready');
  ok('kill', '-s', 'USR1', 'one');
  await logs.says('usr1');
  ok('kill', 'one');
  assert.equal(await logs.ended(), 0);
  assert.equal(inspect('one', '{{.State.ExitCode}}'), '137');
});

scenario('wait answers before and after the end', async () => {
  ok('run', '-d', '--name', 'brief', 'busybox', 'sh', '-c', 'sleep 0.5; exit 6');
  assert.equal(ok('wait', 'brief'), '6');
  assert.equal(ok('wait', 'brief'), '6');
});

scenario('rm refuses what runs, and rm -f removes it', () => {
  sleeper('one');
  fails(1, /container is running/, 'rm', 'one');
  assert.equal(ok('rm', '-f', 'one'), 'one');
  fails(1, /No such container: one/, 'inspect', '--type', 'container', 'one');
});

scenario('pause stops all processes, and unpause lets them go on', () => {
  sleeper('one');
  ok('pause', 'one');
  assert.equal(inspect('one', '{{.State.Status}} {{.State.Paused}}'), 'paused true');
  fails(1, /is paused/, 'exec', 'one', 'true');
  ok('unpause', 'one');
  assert.equal(inside('one', 'echo back'), 'back');
});

scenario('rename frees the old name', () => {
  sleeper('old');
  ok('rename', 'old', 'new');
  assert.equal(inspect('new', '{{.Name}}'), '/new');
  sleeper('old');
  fails(1, /already in use/, 'rename', 'new', 'old');
});

scenario('restart keeps the file system and starts anew', () => {
  sleeper('one');
  inside('one', 'echo kept > /file');
  const pid = inspect('one', '{{.State.Pid}}');
  ok('restart', '-t', '0', 'one');
  assert.equal(inside('one', 'cat /file'), 'kept');
  assert.notEqual(inspect('one', '{{.State.Pid}}'), pid);
});

scenario('a restart policy brings a failing program back as often as it says', async () => {
  ok('run', '-d', '--name', 'fails', '--restart', 'on-failure:2', 'busybox', 'false');
  for (let attempt = 0; inspect('fails', '{{.RestartCount}} {{.State.Status}}') !== '2 exited'; attempt += 1) {
    assert.ok(attempt < 100, inspect('fails', '{{.RestartCount}} {{.State.Status}}'));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

scenario('top shows the processes of the container', () => {
  sleeper('one');
  assert.match(ok('top', 'one'), /^UID +PID[^]*sleep 1000$/);
});

scenario('inspect tells what was asked for', () => {
  sleeper('one', '-m', '64m', '--label', 'a=b', '-e', 'C=d', '--restart', 'always', '-v', '/etc:/e:ro');
  assert.equal(inspect('one', '{{.HostConfig.Memory}} {{.Config.Labels.a}} {{index .Config.Env 0}} {{.HostConfig.RestartPolicy.Name}} {{(index .Mounts 0).Destination}} {{.State.Running}}'), '67108864 b C=d always /e true');
});

scenario('what is not there yet is refused with its name', () => {
  fails(1, /managed plugins is not implemented yet/, 'plugin', 'install', '--grant-all-permissions', '127.0.0.1:1/x');
});

scenario('a daemon with runc runs, execs, logs and stops', async () => {
  const other = await TestDaemon.start(['--runtime', 'runc']);
  try {
    other.ok('import', busyboxTar(), 'busybox');
    assert.equal(other.ok('info', '-f', '{{.DefaultRuntime}}'), 'runc');
    other.ok('run', '-d', '--name', 'one', 'busybox', 'sh', '-c', 'echo hello; trap "exit 5" TERM; while :; do sleep 0.05; done');
    assert.equal(other.ok('exec', 'one', 'sh', '-c', 'echo inside'), 'inside');
    assert.equal(other.docker('exec', 'one', 'nosuch').code, 127);
    assert.equal(other.ok('logs', 'one'), 'hello');
    other.ok('stop', 'one');
    assert.equal(other.ok('inspect', '-f', '{{.State.ExitCode}}', 'one'), '5');
    assert.equal(other.docker('run', '--rm', 'busybox', 'nosuch').code, 127);
  } finally {
    await other.destroy();
  }
});

scenario('our own command line does the same', () => {
  const gantry = (...args: readonly string[]): { code: number | null; out: string; err: string } => {
    const { status, stdout, stderr } = spawnSync(LAUNCHER, ['-H', `unix://${scenarios.daemon.socket}`, ...args], { encoding: 'utf8', input: '' });
    return { code: status, out: stdout, err: stderr };
  };
  assert.deepEqual(gantry('run', '--rm', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 42'), { code: 42, out: 'out\n', err: 'err\n' });
  assert.equal(gantry('run', '-d', '--name', 'one', 'busybox', 'sh', '-c', 'echo hello; exec sleep 1000').code, 0);
  assert.deepEqual(gantry('exec', 'one', 'sh', '-c', 'echo inside; exit 3'), { code: 3, out: 'inside\n', err: '' });
  assert.equal(gantry('logs', 'one').out, 'hello\n');
  assert.equal(gantry('ps', '--format', '{{.Names}} {{.State}}').out, 'one running\n');
  assert.equal(gantry('inspect', '-f', '{{.State.Status}}', 'one').out, 'running\n');
  assert.equal(gantry('stop', '-t', '0', 'one').out, 'one\n');
  assert.equal(gantry('wait', 'one').out, '137\n');
  assert.equal(gantry('rm', 'one').out, 'one\n');
});
