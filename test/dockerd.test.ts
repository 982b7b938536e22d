import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { erase } from '../src/main/erase.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { freePort } from './world/free-port.ts';
import { findDockerCli, wordOf } from '../tools/test-run/docker-cli.ts';
import { eventually } from './world/waiting.ts';

const LAUNCHER = new URL('../gantry', import.meta.url).pathname;
const DOCKERD = new URL('../bin/dockerd', import.meta.url).pathname;
const cli = findDockerCli() ?? '';
const hasOpenssl = spawnSync('openssl', ['version'], { stdio: 'ignore' }).status === 0;
const skip = whyNoImage() ?? (cli === '' ? 'needs the docker CLI' : hasOpenssl ? false : 'needs openssl');
const [PORT, PUBLISHED] = [await freePort(), await freePort()];
/** The first group of the machine that is not root's. */
const GROUP = { name: 'daemon', gid: 1 };

interface Certificates {
  readonly ca: string;
  readonly server: string;
  readonly client: string;
}

function openssl(...args: readonly string[]): void {
  const ran = spawnSync('openssl', args, { encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
}

/** A certificate authority with a server's and a client's certificate, each in a directory as the docker CLI wants it. */
function makeCertificates(directory: string, name: string): Certificates {
  const ca = `${directory}/${name}-ca`;
  mkdirSync(ca);
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${ca}/key.pem`, '-out', `${ca}/ca.pem`, '-days', '1', '-subj', `/CN=${name}`);
  const sign = (role: 'server' | 'client'): string => {
    const own = `${directory}/${name}-${role}`;
    mkdirSync(own);
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${own}/key.pem`, '-out', `${own}/csr.pem`, '-subj', `/CN=${role}`);
    writeFileSync(`${own}/ext`, `subjectAltName=IP:127.0.0.1\nextendedKeyUsage=${role}Auth\n`);
    openssl('x509', '-req', '-in', `${own}/csr.pem`, '-CA', `${ca}/ca.pem`, '-CAkey', `${ca}/key.pem`, '-CAcreateserial', '-out', `${own}/cert.pem`, '-days', '1', '-extfile', `${own}/ext`);
    writeFileSync(`${own}/ca.pem`, readFileSync(`${ca}/ca.pem`));
    return own;
  };
  return { ca, server: sign('server'), client: sign('client') };
}

describe('dockerd', { skip }, () => {
  if (skip !== false) return;
  const directory = mkdtempSync('/tmp/gantry-dockerd-');
  const places = { root: `${directory}/root`, run: `${directory}/run` };
  const socket = `${directory}/docker.sock`;
  const configFile = `${directory}/daemon.json`;
  const tcp = `tcp://127.0.0.1:${PORT}`;
  let certificates: Certificates;
  let stranger: Certificates;
  let child: ChildProcess;
  let log = '';

  const docker = (args: readonly string[], host = `unix://${socket}`): { code: number; out: string; err: string } => {
    const ran = spawnSync(cli, ['--host', host, ...args], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory }, timeout: 60_000 });
    return { code: ran.status ?? -1, out: ran.stdout.trim(), err: ran.stderr };
  };
  const ok = (...args: readonly string[]): string => {
    const ran = docker(args);
    assert.equal(ran.code, 0, `${args.join(' ')}: ${ran.err}\n${log}`);
    return ran.out;
  };
  const tlsFlags = (from: string): readonly string[] => ['--tlsverify', '--tlscacert', `${from}/ca.pem`, '--tlscert', `${from}/cert.pem`, '--tlskey', `${from}/key.pem`];
  const settings = (more: object = {}): void => writeFileSync(configFile, JSON.stringify({
    labels: ['made=here'], 'default-ulimits': { nofile: { Name: 'nofile', Soft: 300, Hard: 400 } }, 'log-driver': 'local', bip: '10.213.7.1/24', mtu: 1420, 'default-shm-size': '2m', 'live-restore': true, icc: false, ip: '127.0.0.1', ...more,
  }));

  before(async () => {
    certificates = makeCertificates(directory, 'own');
    stranger = makeCertificates(directory, 'strange');
    settings();
    child = spawn(DOCKERD, [
      '--host', `unix://${socket}`, '-H', tcp, '--data-root', places.root, '--exec-root', places.run, '--pidfile', `${directory}/pid`, '--group', GROUP.name, '--config-file', configFile,
      '--userland-proxy=false', '-D', ...tlsFlags(certificates.server),
    ], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => (log += text));
    await eventually('the daemon is ready', () => existsSync(socket) && docker(['version']).code === 0, Boolean);
    ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
  });

  after(async () => {
    const ids = docker(['ps', '-aq']).out.split('\n').filter(Boolean);
    if (ids.length > 0) docker(['rm', '-f', ...ids]);
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    assert.equal(existsSync(`${directory}/pid`), false, 'the pid file goes with the daemon');
    await erase(places);
    rmSync(directory, { recursive: true, force: true });
  });

  test('the socket belongs to root and the group, and to nobody else (S-602); what it keeps is root\'s alone (S-314)', () => {
    const { mode, uid, gid } = statSync(socket);
    assert.deepEqual([(mode & 0o777).toString(8), uid, gid], ['660', 0, GROUP.gid]);
    for (const path of [places.root, places.run]) assert.equal((statSync(path).mode & 0o777).toString(8), '700', path);
  });

  test('flags and daemon.json are obeyed', () => {
    assert.equal(ok('info', '-f', '{{.LoggingDriver}} {{json .Labels}} {{.Debug}}'), 'local ["made=here"] true');
    assert.equal(ok('run', '--rm', 'busybox', 'sh', '-c', 'ulimit -n; ulimit -Hn; cat /sys/class/net/eth0/mtu; ip -4 addr show eth0 | grep -o "10.213.7[.0-9]*" | head -n 1; df /dev/shm | tail -n 1 | tr -s " " | cut -d " " -f 2'),
      '300\n400\n1420\n10.213.7.2\n2048');
    assert.equal(ok('inspect', '-f', '{{.HostConfig.LogConfig.Type}} {{.HostConfig.Ulimits}} {{.HostConfig.ShmSize}}', ok('create', 'busybox')), 'local [nofile=300:400] 2097152');
    assert.match(log, /--userland-proxy changes nothing/);
    ok('run', '-d', '--name', 'server', '-p', `${PUBLISHED}:80`, 'busybox', 'httpd', '-f');
    assert.match(ok('port', 'server'), new RegExp(`^80/tcp -> 127\\.0\\.0\\.1:${PUBLISHED}(\\n80/tcp -> ${wordOf({ newest: '\\[::1\\]', debian: '::1' })}:${PUBLISHED})?$`));
    const address = ok('inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'server');
    assert.equal(docker(['exec', 'server', 'nc', '-w', '2', address, '80']).code, 0, 'it listens');
    assert.equal(docker(['run', '--rm', 'busybox', 'nc', '-w', '2', address, '80']).code, 1, 'icc=false keeps containers apart');
    ok('rm', '-f', 'server');
    assert.equal(Number(readFileSync(`${directory}/pid`, 'utf8')), child.pid);
  });

  test('TCP serves those whose certificate the authority signed: streams, logs and all', () => {
    const mine = tlsFlags(certificates.client);
    const ran = docker([...mine, 'run', '-i', '--rm', 'busybox', 'sh', '-c', 'echo over tls; cat'], tcp);
    assert.deepEqual([ran.code, ran.out], [0, 'over tls'], ran.err);
    // Our own client, at an address, which TLS itself has no name for.
    const ours = spawnSync(LAUNCHER, [...mine, '-H', tcp, 'run', '--rm', 'busybox', 'echo', 'over tls'], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory } });
    assert.deepEqual([ours.status, ours.stdout], [0, 'over tls\n'], ours.stderr);
    const other = spawnSync(LAUNCHER, [...tlsFlags(stranger.client), '-H', tcp, 'version'], { encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: directory } });
    assert.match(other.stderr, /certificate/);
    assert.equal(other.status, 1);
  });

  test('TCP serves nobody else, and says nothing to them (S-601)', async () => {
    assert.match(docker([...tlsFlags(stranger.client).filter((flag) => flag !== '--tlsverify'), '--tls', 'version'], tcp).err, /tls|certificate|EOF/i);
    assert.notEqual(docker(['version'], tcp).code, 0, 'plain HTTP');
    const plain = await new Promise<string>((resolve) => {
      let heard = '';
      const client = connect(PORT, '127.0.0.1', () => void client.write('GET /info HTTP/1.1\r\nHost: x\r\n\r\n'));
      client.on('data', (data) => (heard += data.toString('latin1'))).on('close', () => resolve(heard)).on('error', () => {});
    });
    assert.doesNotMatch(plain, /ServerVersion/);
    const anonymous = await new Promise<string>((resolve) => {
      let heard = '';
      const client = connectTls({ port: PORT, host: '127.0.0.1', rejectUnauthorized: false }, () => void client.write('GET /info HTTP/1.1\r\nHost: x\r\n\r\n'));
      client.on('data', (data) => (heard += data.toString('latin1'))).on('close', () => resolve(heard)).on('error', () => {});
    });
    assert.equal(anonymous, '', 'no certificate');
  });

  test('a browser that has a certificate does not lend it to pages of others (S-603)', async () => {
    const asked = (...headers: readonly string[]): Promise<string> => new Promise((resolve, reject) => {
      let heard = '';
      const [cert, key, ca] = ['cert', 'key', 'ca'].map((name) => readFileSync(`${certificates.client}/${name}.pem`));
      const client = connectTls({ port: PORT, host: '127.0.0.1', cert, key, ca }, () => void client.write(['POST /containers/prune HTTP/1.1', `Host: 127.0.0.1:${PORT}`, 'Connection: close', 'Content-Length: 0', ...headers, '', ''].join('\r\n')));
      client.on('data', (data) => (heard += data.toString('latin1'))).on('close', () => resolve(heard)).on('error', reject);
    });
    for (const site of ['cross-site', 'same-site']) assert.match(await asked('Origin: https://page.example', `Sec-Fetch-Site: ${site}`), /^HTTP\/1.1 403 .*\r\n[^]*a page of https:\/\/page.example may not/, site);
    // A program that serves its own pages and passes their requests on is its user's choice.
    for (const site of ['same-origin', 'none']) assert.match(await asked('Origin: https://portal.example', `Sec-Fetch-Site: ${site}`), /^HTTP\/1.1 200 /, site);
    assert.match(await asked(), /^HTTP\/1.1 200 /);
  });

  test('SIGHUP reads the file again; a wrong file changes nothing', async () => {
    settings({ labels: ['made=again'], 'default-shm-size': '3m' });
    child.kill('SIGHUP');
    await eventually('labels', () => ok('info', '-f', '{{json .Labels}}'), (labels) => labels === '["made=again"]');
    assert.equal(ok('inspect', '-f', '{{.HostConfig.ShmSize}}', ok('create', 'busybox')), '3145728');
    writeFileSync(configFile, '{"labels": ["made=wrong"], "foo": 1}');
    child.kill('SIGHUP');
    await eventually('the refusal is told', () => log, (text) => text.includes('could not be read again'));
    assert.match(log, /the following directives don't match any configuration option: foo/);
    assert.equal(ok('info', '-f', '{{json .Labels}}'), '["made=again"]');
    settings();
  });

  test('what can\'t be is refused before anything is done, with dockerd\'s words', () => {
    const refused = (words: RegExp, ...args: readonly string[]): void => {
      const ran = spawnSync(DOCKERD, ['--data-root', `${directory}/other`, ...args], { encoding: 'utf8', timeout: 60_000 });
      assert.notEqual(ran.status, 0, args.join(' '));
      assert.match(ran.stderr, words);
      assert.equal(existsSync(`${directory}/other`), false);
    };
    refused(/needs --tlsverify/, '-H', 'tcp://127.0.0.1:1');
    refused(/can't listen on fd:\/\//, '-H', 'fd://');
    refused(/directives are specified both as a flag and in the configuration file: bip: \(from flag: 1.2.3.4\/24, from file: 10.213.7.1\/24\)/, '--config-file', configFile, '--bip', '1.2.3.4/24');
    refused(/open \/nosuch: no such file or directory/, '--config-file', '/nosuch');
    refused(/process with PID \d+ is still running/, '--pidfile', `${directory}/pid`);
    refused(/could not get GID for group nosuch/, '--group', 'nosuch', '--pidfile', '');
    refused(/unknown flag: --nosuch/, '--nosuch');
    // Who counts on a plugin that looks at requests must not be served without it: none is asked, so none is passed by (S-604, S-605, S-606).
    refused(/--authorization-plugin \[policy\] is not supported: a plugin that decides who may do what can't be left out in silence/, '--authorization-plugin', 'policy');
    writeFileSync(`${directory}/policy.json`, '{"authorization-plugins": ["policy"]}');
    refused(/authorization-plugin \[policy\] is not supported/, '--config-file', `${directory}/policy.json`);
    writeFileSync(`${directory}/bad.json`, '{"debug": ');
    refused(/unable to configure the Docker daemon with file .*bad.json/, '--config-file', `${directory}/bad.json`);
    chmodSync(configFile, 0o600);
    assert.equal(spawnSync(DOCKERD, ['--validate', '--config-file', configFile], { encoding: 'utf8' }).stdout, 'configuration OK\n');
  });
});
