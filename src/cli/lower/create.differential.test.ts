import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { captureCli } from '../testing/capture.ts';
import { startStubDaemon, type StubDaemon } from '../testing/stub-daemon.ts';
import { whyOlderCli } from '../../../tools/test-run/docker-cli.ts';

const files = mkdtempSync(join(tmpdir(), 'gantry-lower-'));
const envFile = join(files, 'env');
const labelFile = join(files, 'labels');
const profile = join(files, 'seccomp.json');
writeFileSync(envFile, '# comment\nA=from file\n\n  B= kept  \nHOME\nNOT_SET_ANYWHERE\n');
writeFileSync(labelFile, 'one=1\ntwo\nthree=a=b\n');
writeFileSync(profile, '{ "defaultAction": "SCMP_ACT_ALLOW",\n "syscalls": [] }\n');

/** Flags of `create`; the image and its command follow. */
const lines: readonly (readonly string[])[] = [
  [],
  ['-it'],
  ['-i'],
  ['-t', '--name', 'web'],
  ['-a', 'STDERR', '-a', 'stdin'],
  ['-p', '80', '-p', '8080:81', '-p', '127.0.0.1:53:53/udp', '-p', '[::1]:9000:90/sctp', '-P'],
  ['-p8000-8002:9000-9002', '-p', '7000-7005:70', '--publish=[::1]:1:2'],
  ['-p', 'published=99,target=9,protocol=udp', '--expose', '443', '--expose', '10-12/udp'],
  ['-v', '/data', '-v', '/a:/b:ro,z', '-v', 'named:/c', '-v', './rel:/d', '-v', '/a:/b:ro,z'],
  ['--mount', 'type=bind,src=/a,dst=/b,ro,bind-propagation=rshared'],
  ['--mount', 'source=vol,target=/b,volume-nocopy,volume-label=a=b,volume-driver=local,volume-opt=type=nfs,volume-subpath=x'],
  ['--mount', 'type=tmpfs,target=/t,tmpfs-size=64m,tmpfs-mode=1770', '--mount', 'type=image,src=x,dst=/i,image-subpath=p'],
  ['--mount', 'type=bind,"src=/with,comma",dst=/b,readonly=true,bind-recursive=readonly,bind-propagation=rprivate'],
  ['--mount', 'type=bind,src=./rel,dst=/b,bind-recursive=disabled,consistency=cached'],
  ['--tmpfs', '/run', '--tmpfs', '/tmp:size=10m,noexec'],
  ['-e', 'A=1', '-e', 'HOME', '-e', 'NOT_SET_ANYWHERE', '-e', 'EMPTY=', '--env-file', envFile],
  ['-l', 'a=b', '-l', 'c', '--label-file', labelFile],
  ['-w', '/work', '-u', '1000:100', '--entrypoint', '/bin/x', '-h', 'host', '--domainname', 'example.com'],
  ['--entrypoint', ''],
  ['-m', '64m', '--memory-swap', '-1', '--memory-reservation', '1.5g', '--memory-swappiness', '10', '--kernel-memory', '50M', '--oom-kill-disable'],
  ['--memory-swap', '1 GiB', '--memory=512', '--shm-size', '2kb', '--oom-score-adj=-500'],
  ['--cpus', '1.5', '--cpu-shares', '512', '--cpuset-cpus', '0-1', '--cpuset-mems', '0', '--cpu-period', '100000', '--cpu-quota', '50000'],
  ['-c', '10', '--cpu-rt-period', '1000', '--cpu-rt-runtime', '500', '--cpus', '.000000001', '--blkio-weight', '300'],
  ['--pids-limit', '-1', '--cap-add', 'NET_ADMIN', '--cap-drop=ALL', '--privileged', '--read-only', '--init'],
  ['--init=false', '--privileged=0', '--rm', '--runtime', 'crun', '--isolation', 'default'],
  ['--security-opt', 'no-new-privileges', '--security-opt', `seccomp=${profile}`, '--security-opt', 'apparmor=unconfined', '--security-opt', 'label:disable'],
  ['--security-opt', 'systempaths=unconfined', '--security-opt', 'seccomp=unconfined'],
  ['--security-opt', 'systempaths=unconfined'],
  ['--device', '/dev/fuse', '--device', '/dev/sda:/dev/xvda:r', '--device', '/dev/null:rw', '--device-cgroup-rule', 'c 1:3 mr'],
  ['--device', 'vendor.com/class=gpu0', '--device', '/dev/fuse'],
  ['--device-read-bps', '/dev/sda:1mb', '--device-write-bps', '/dev/sda:2m', '--device-read-iops', '/dev/sda:100', '--device-write-iops', '/dev/sda:5', '--blkio-weight-device', '/dev/sda:200'],
  ['--ulimit', 'nofile=1024:2048', '--ulimit', 'core=0', '--ulimit', 'nofile=5', '--ulimit', 'nproc=-1:-1'],
  ['--sysctl', 'net.ipv4.ip_forward=1', '--sysctl', 'kernel.msgmax=65536', '--annotation', 'a=b', '--annotation', 'c'],
  ['--restart', 'on-failure:3'],
  ['--restart=unless-stopped', '--stop-signal', 'SIGUSR1', '--stop-timeout', '0'],
  ['--add-host', 'db:10.0.0.1', '--add-host', 'v6=[::1]', '--add-host', 'gw:host-gateway', '--add-host', 'six:2001:db8::1'],
  ['--dns', '8.8.8.8', '--dns', '2001:0db8::0001', '--dns-search', 'example.com', '--dns-search', '.', '--dns-opt', 'ndots:1', '--dns-option', 'rotate'],
  ['--network', 'host'],
  ['--net', 'none', '--mac-address', '92:d0:c6:0a:29:33'],
  ['--network', 'bridge', '--ip', '10.0.0.2'],
  ['--network', 'container:web', '--ipc', 'host', '--pid', 'container:web', '--uts', 'host', '--userns', 'host', '--cgroupns', 'private'],
  ['--network', 'mine', '--network-alias', 'a', '--net-alias', 'b', '--ip', '10.0.0.2', '--ip6', '2001:db8::2', '--link-local-ip', '169.254.1.1', '--link', 'db:database'],
  ['--network', 'name=mine,alias=A,ip=10.0.0.2,driver-opt=com.x=y,gw-priority=3', '--network', 'other', '--mac-address', '92:d0:c6:0a:29:33'],
  ['--link', 'db:database', '--volumes-from', 'x:ro', '--volume-driver', 'local', '--cgroup-parent', '/p', '--group-add', 'audio', '--storage-opt', 'size=1G'],
  ['--log-driver', 'json-file', '--log-opt', 'max-size=10m', '--log-opt', 'max-file=3'],
  ['--health-cmd', 'true', '--health-interval', '1m30s', '--health-timeout=500ms', '--health-retries', '3', '--health-start-period', '1h', '--health-start-interval', '2.5s'],
  ['--health-interval', '10s'],
  ['--no-healthcheck'],
  ['--gpus', 'all'],
  ['--gpus', '2'],
  ['--gpus', '"device=0,1",driver=nvidia,"capabilities=utility,compute"'],
  ['--gpus=driver=nvidia,count=3,options=a=b'],
  ['--platform', 'linux/amd64', '--pull', 'never', '-q', '--cidfile', ''],
  ['--userns=host', '--disable-content-trust=true'],
];

/** Command lines that both refuse before they ask the daemon. */
const refusals: readonly (readonly string[])[] = [
  ['--nope'], ['-Z'], ['-p'], ['--memory'], ['-m', 'x'], ['-m', '-5m'], ['--cpus', 'abc'], ['--cpus', '1.0000000001'], ['--ulimit', 'nofile'], ['--ulimit', 'x=1'],
  ['--ulimit', 'nofile=5:1'], ['-a', 'foo'], ['-e', '=x'], ['-l', '=x'], ['-l', 'a b=c'], ['--dns', 'x'], ['--add-host', 'x'], ['--add-host', 'x:y'],
  ['--sysctl', 'vm.x=1'], ['--device-cgroup-rule', 'x'], ['--mount', 'type=bind'], ['--mount', 'type=bind,target=/a,foo=bar'], ['--mount', 'type=tmpfs,dst=/a,bind-propagation=shared'],
  ['--mount', 'target=/a,foo'], ['--health-interval', 'abc'], ['--health-interval', '5'], ['--stop-timeout', 'x'], ['-t=maybe'], ['--network', 'name=a,foo=b'], ['--network', 'alias=b'],
  ['--pid', 'nope'], ['--cgroupns', 'x'], ['--restart', ':3'], ['--restart', 'on-failure:x'], ['--security-opt', 'foo'], ['--device', 'x:y:z'], ['--device', '/a:b'],
  ['--no-healthcheck', '--health-cmd', 'x'], ['--rm', '--restart', 'always'], ['--expose', '1:2'], ['--memory-swappiness', '101'], ['--mac-address', 'x'],
  ['--log-driver', 'none', '--log-opt', 'a=b'], ['-v', 'aa:bb:cc:dd'], ['-v', 'abc:'], ['-p', '1:2/foo'], ['-p', 'x'], ['-p', '1-3:1-2'], ['-p', 'a.b:1:2'], ['--pull', 'maybe'],
  ['--network', 'bridge', '--network-alias', 'x'], ['--network', 'a', '--network', 'a'], ['--network', 'a', '--network', 'host'], ['--blkio-weight-device', '/dev/a:5'],
  ['--device-read-bps', 'x:1'], ['--device-read-iops', '/dev/a:x'], ['--gpus', 'x'], ['--storage-opt', 'x'], ['--env-file', '/nonexistent'], ['--storage-opt', 'x=y', '--expose', ''],
];

/** Requests of older ones lack what the API has learned since. */
const skip = whyOlderCli(28);

describe('create asks the daemon for what docker asks for', { skip, concurrency: 4 }, () => {
  let docker: StubDaemon;
  let ours: StubDaemon;
  const rule = ({ url }: { readonly url: string }) => (url.includes('/containers/create') ? { status: 201, json: { Id: 'f'.repeat(64), Warnings: [] } } : undefined);
  before(async () => {
    [docker, ours] = await Promise.all([startStubDaemon(rule), startStubDaemon(rule)]);
  });
  after(async () => {
    await Promise.all([docker.close(), ours.close()]);
    rmSync(files, { recursive: true });
  });

  for (const [index, flags] of lines.entries()) {
    test(`create ${flags.join(' ')}`, async () => {
      // The mark tells the requests of tests apart that run at the same time.
      const argv = ['create', ...flags, 'image', 'cmd', `mark-${index}`, '-x'];
      await runDocker(argv, docker.host);
      const result = await captureCli(argv, { env: { ...env(), DOCKER_HOST: ours.host } });
      assert.deepEqual(result, { code: 0, stdout: `${'f'.repeat(64)}\n`, stderr: '' });
      assert.deepEqual(requestOf(ours, index), requestOf(docker, index));
    });
  }

  for (const flags of refusals) {
    test(`create ${flags.join(' ')} is refused alike`, async () => {
      const argv = ['create', ...flags, 'image'];
      const theirs = await runDocker(argv, docker.host);
      const mine = await captureCli(argv, { env: { ...env(), DOCKER_HOST: ours.host } });
      assert.equal(mine.code, theirs.code);
      assert.equal(sayingOfPorts(mine.stderr), sayingOfPorts(theirs.stderr.replace(/^docker:/, 'gantry:').replace("'docker create'", "'gantry create'")));
    });
  }
});

/** The first line. Debian builds docker with an older library for ports, which begins its words with a capital and ends some with a full stop. */
function sayingOfPorts(text: string): string {
  const [line = ''] = text.split('\n');
  return line.replace(/(?<=: )(Invalid|Empty)(?= (proto|containerPort|ranges|ip|string)\b)/g, (word) => word.toLowerCase()).replace('invalid ip address', 'invalid IP address').replace(/(?<=empty string specified for ports)\.$/, '');
}

function env(): Record<string, string> {
  return { HOME: '/home/somebody', PATH: process.env['PATH'] ?? '' };
}

async function runDocker(argv: readonly string[], host: string): Promise<{ readonly code: number; readonly stderr: string }> {
  try {
    const { stderr } = await promisify(execFile)('docker', [...argv], { env: { ...env(), DOCKER_HOST: host } });
    return { code: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as { readonly code: number; readonly stderr: string };
    return { code, stderr };
  }
}

function requestOf(daemon: StubDaemon, mark: number): { readonly query: string; readonly body: unknown } {
  const found = daemon.requests.find(({ body }) => body.includes(`"mark-${mark}"`));
  assert.ok(found, `no request was recorded for line ${mark}`);
  const body = JSON.parse(found.body) as { readonly Env: string[] | null; readonly HostConfig: { readonly Binds: string[] | null } };
  // docker keeps these in maps, so their order is chance.
  body.HostConfig.Binds?.sort();
  body.Env?.sort();
  return { query: new URL(found.url, 'http://stub').search, body };
}
