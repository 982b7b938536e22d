import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { RunningCli } from './world/running-cli.ts';
import { dockerScenarios } from './world/scenarios.ts';
import { eventually, sleep } from './world/waiting.ts';

const engine = dockerScenarios('log-scenarios');
const { scenario, ok, fails } = engine;

/** Numbered lines of 100 bytes, in bursts of 300, for as long as a rotation or two takes. */
const TALK = 'i=0; while [ $i -lt 3000 ]; do n=$((i+300)); while [ $i -lt $n ]; do echo "$i ......................................................................................."; i=$((i+1)); done; sleep 0.4; done; echo the end; sleep 60';

const files = (id: string): string[] => readdirSync(`${engine.daemon.root}/containers/${id}`).filter((name) => name.startsWith('container.log')).sort();
const numbers = (text: string): number[] => text.split('\n').flatMap((line) => (/^\d+ \./.test(line) ? [Number.parseInt(line, 10)] : []));
const isRow = (found: readonly number[]): boolean => found.every((number, index) => index === 0 || number === (found[index - 1] ?? 0) + 1);

scenario('logs keeps the streams apart, and takes --tail, --since and -t', () => {
  ok('run', '-d', '--name', 'chat', 'busybox', 'sh', '-c', 'for i in 1 2 3; do echo out$i; sleep 0.2; echo err$i >&2; sleep 0.2; done');
  ok('wait', 'chat');
  assert.deepEqual(engine.daemon.docker('logs', 'chat'), { code: 0, out: 'out1\nout2\nout3\n', err: 'err1\nerr2\nerr3\n' });
  assert.deepEqual(engine.daemon.docker('logs', '--tail', '2', 'chat'), { code: 0, out: 'out3\n', err: 'err3\n' });
  assert.match(engine.daemon.docker('logs', '-t', '--tail', '1', 'chat').err, /^\d{4}-\d\d-\d\dT[\d:.]+Z err3\n$/);
  assert.equal(engine.daemon.docker('logs', '--since', '2100-01-01', 'chat').out, '');
});

scenario('logs -f follows until the end', async () => {
  ok('run', '-d', '--name', 'chat', 'busybox', 'sh', '-c', 'echo first; sleep 0.5; echo last');
  const cli = new RunningCli(engine.daemon, ['logs', '-f', 'chat']);
  await cli.says('first\n');
  assert.equal(await cli.ended(), 0);
  assert.equal(cli.out, 'first\nlast\n');
});

scenario('a log is put aside in files of its size, and read back in one piece, also by who follows', async () => {
  const id = ok('run', '-d', '--name', 'talker', '--log-opt', 'max-size=60k', '--log-opt', 'max-file=20', '--log-opt', 'compress=true', 'busybox', 'sh', '-c', TALK);
  const followed = engine.daemon.docker('logs', '-f', '--until', '7s', 'talker');
  await eventually('the end', () => ok('logs', '--tail', '1', 'talker'), (last) => last === 'the end');
  const found = numbers(ok('logs', 'talker'));
  assert.deepEqual([found.length, found[0], found.at(-1), isRow(found)], [3000, 0, 2999, true]);
  assert.ok(isRow(numbers(followed.out)), 'who followed missed nothing');
  assert.ok(files(id).filter((name) => name.endsWith('.gz')).length >= 3, files(id).join(' '));
  assert.deepEqual(numbers(ok('logs', '--tail', '1001', 'talker')), found.slice(-1000));
});

scenario('no more is kept than was asked for', async () => {
  const id = ok('run', '-d', '--log-opt', 'max-size=150k', '--log-opt', 'max-file=2', 'busybox', 'sh', '-c', TALK);
  await eventually('the end', () => ok('logs', '--tail', '1', id), (last) => last === 'the end');
  const bytes = (): number => files(id).reduce((sum, name) => sum + statSync(`${engine.daemon.root}/containers/${id}/${name}`).size, 0);
  await eventually('what is kept', () => ({ files: files(id), bytes: bytes() }), (kept) => kept.files.length <= 2 && kept.bytes < 500_000);
  assert.ok(isRow(numbers(ok('logs', id))));
});

scenario('a log that nobody asked to bound is kept in 5 files of 20 MB', async () => {
  const id = ok('run', '-d', 'busybox', 'sh', '-c', 'yes "$(head -c 1000 /dev/zero | tr "\\0" x)" | head -n 50000; echo the end; sleep 60');
  assert.equal(ok('inspect', '-f', '{{json .HostConfig.LogConfig}}', id), '{"Type":"json-file","Config":{}}');
  await eventually('rotation', () => files(id), (names) => names.length > 1);
  await eventually('the end', () => ok('logs', '--tail', '2', id), (text) => /^x{1000}\nthe end$/.test(text));
});

scenario('local, and none, which can\'t be read back', () => {
  ok('run', '--name', 'kept', '--log-driver', 'local', 'busybox', 'echo', 'here');
  assert.equal(ok('logs', 'kept'), 'here');
  ok('run', '--name', 'unkept', '--log-driver', 'none', 'busybox', 'echo', 'here');
  fails(1, /configured logging driver does not support reading/, 'logs', 'unkept');
});

/** A receiver of datagrams at a unix socket, which Node has none of: prints each as a line, its line breaks as `|`. */
const RECEIVER = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('ready', flush=True)
while True: print(s.recv(65536).decode('latin1').replace('\\n', '|'), flush=True)`;

async function withDatagrams(path: string, use: (heard: () => string) => Promise<void>): Promise<void> {
  let heard = '';
  const receiver = spawn('python3', ['-c', RECEIVER, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  receiver.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
  try {
    await eventually('the receiver', () => heard, (text) => text.startsWith('ready'));
    await use(() => heard);
  } finally {
    receiver.kill();
    rmSync(path, { force: true });
  }
}

scenario('syslog over UDP, in the format of RFC 5424, with a tag, and read back here', async () => {
  const server = createSocket('udp4');
  const heard: string[] = [];
  server.on('message', (message) => heard.push(message.toString()));
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  try {
    const options = ['--log-driver', 'syslog', '--log-opt', `syslog-address=udp://127.0.0.1:${server.address().port}`, '--log-opt', 'syslog-format=rfc5424micro', '--log-opt', 'syslog-facility=local3', '--log-opt', 'tag={{.Name}}/{{.ImageName}}'];
    ok('run', '--name', 'speaker', ...options, 'busybox', 'sh', '-c', 'echo to out; echo to err >&2');
    await eventually('two messages', () => heard.length, (count) => count === 2);
    assert.match(heard[0] ?? '', /^<158>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ speaker\/busybox \d+ speaker\/busybox - to out$/);
    assert.match(heard[1] ?? '', /^<155>1 .* - to err$/);
    assert.equal(ok('logs', 'speaker'), 'to out');
    ok('run', '--rm', ...options, '--name', 'brief', 'busybox', 'echo', 'last words');
    await eventually('all is sent before a container is removed', () => heard.at(-1) ?? '', (text) => /brief\/busybox - last words$/.test(text));
  } finally {
    server.close();
  }
});

scenario('syslog over TCP: what is written while no receiver and no daemon is there comes later, once', async () => {
  let heard = '';
  const server = createServer((socket) => void socket.setEncoding('utf8').on('data', (text: string) => (heard += text)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  ok('run', '-d', '--name', 'patient', '--log-driver', 'syslog', '--log-opt', `syslog-address=tcp://127.0.0.1:${port}`, '--log-opt', 'tag=t', 'busybox', 'sh', '-c', 'for i in 1 2 3 4 5 6 7 8 9; do echo said $i; sleep 0.3; done');
  await engine.daemon.crash();
  await sleep(1500);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  try {
    await engine.daemon.up();
    await eventually('all of it', () => heard, (text) => text.includes('said 9\n'));
    assert.deepEqual([...heard.matchAll(/said (\d)\n/g)].map(([, number]) => number), ['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    assert.match(heard, /^<30>\w{3} [ \d]\d \d\d:\d\d:\d\d t\[\d+\]: said 1\n/);
  } finally {
    await new Promise((resolve) => {
      server.close(resolve);
      ok('rm', '-f', 'patient');
    });
  }
});

scenario('syslog at a unix socket, of either kind', async () => {
  const path = `${engine.daemon.directory}/syslog.sock`;
  let heard = '';
  const server = createServer((socket) => void socket.setEncoding('utf8').on('data', (text: string) => (heard += text)));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  ok('run', '--rm', '--log-driver', 'syslog', '--log-opt', `syslog-address=unix://${path}`, 'busybox', 'echo', 'by stream');
  await eventually('a message', () => heard, (text) => /by stream\n$/.test(text));
  server.close();
  if (spawnSync('python3', ['--version']).status !== 0) return;
  await withDatagrams(path, async (told) => {
    ok('run', '--rm', '--log-driver', 'syslog', '--log-opt', `syslog-address=unixgram://${path}`, 'busybox', 'echo', 'by datagram');
    await eventually('a datagram', told, (text) => text.includes(': by datagram\n'));
  });
});

scenario('journald gets fields that tell the container', async () => {
  const directory = '/run/systemd/journal';
  // A machine with a journal of its own keeps it.
  if (existsSync(`${directory}/socket`) || spawnSync('python3', ['--version']).status !== 0) return;
  const made = mkdirSync(directory, { recursive: true });
  try {
    await withDatagrams(`${directory}/socket`, async (told) => {
      ok('run', '--name', 'diary', '--log-driver', 'journald', '--log-opt', 'labels=app.name', '--log-opt', 'env=COLOUR', '--log-opt', 'tag=x-{{.Name}}', '--label', 'app.name=shop', '-e', 'COLOUR=red', 'busybox', 'sh', '-c', 'echo dear diary');
      const text = await eventually('an entry', told, (heard) => heard.includes('dear diary'));
      for (const field of ['APP_NAME=shop', 'COLOUR=red', 'CONTAINER_NAME=diary', 'CONTAINER_TAG=x-diary', 'SYSLOG_IDENTIFIER=x-diary', 'IMAGE_NAME=busybox', 'PRIORITY=6', 'MESSAGE=dear diary']) assert.ok(text.includes(`${field}|`), `${field} in ${text}`);
      assert.equal(ok('logs', 'diary'), 'dear diary');
    });
  } finally {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
  }
});
