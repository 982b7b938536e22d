import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { captureCli } from '../testing/capture.ts';
import { startStubDaemon, type StubRule } from '../testing/stub-daemon.ts';
import { whyOlderCli } from '../../../tools/test-run/docker-cli.ts';

const inspected = {
  Id: 'c1', Name: '/c1', Config: { Tty: false, OpenStdin: true }, State: { Running: true, Paused: false, Restarting: false }, HostConfig: { AutoRemove: false },
};
const rule: StubRule = ({ method, url }) => {
  const path = url.replace(/^\/v[0-9.]+/, '').replace(/\?.*/, '');
  if (method === 'GET' && /^\/containers\/[^/]+\/json$/.test(path)) return { json: inspected };
  if (path.endsWith('/wait')) return { json: { StatusCode: 0 } };
  // The first create finds no image, and the client pulls it.
  if (url.includes('name=pulls')) return { status: 404, json: { message: 'No such image: x' } };
  if (method === 'POST' && path === '/images/create') return { json: { status: 'pulled' } };
  if (method === 'POST' && /\/(create|exec|commit)$/.test(path)) return { status: 201, json: { Id: 'x1', Name: 'x1', Warnings: [] } };
  if (path === '/volumes') return { json: { Volumes: [], Warnings: null } };
  if (path === '/system/df') return { json: { LayersSize: 0, Images: [], Containers: [], Volumes: [], BuildCache: [] } };
  if (method === 'GET' && /json$|networks$/.test(path)) return { json: [] };
  if (method === 'DELETE' && path.startsWith('/images')) return { json: [] };
  return method === 'POST' || method === 'DELETE' ? { status: 204, json: null } : undefined;
};

/** Command lines whose requests must be docker's: method, path, query and body. */
const lines: readonly (readonly string[])[] = [
  ['ps'], ['ps', '-a', '-s', '-f', 'label=a=b', '-f', 'label=c', '-f', 'status=exited'], ['ps', '-n', '3'], ['ps', '-l'], ['ps', '--format', '{{.Size}}'],
  ['images', '-a', 'name', '-f', 'dangling=true'], ['network', 'ls', '-f', 'driver=bridge'], ['volume', 'ls', '-f', 'dangling=true'], ['system', 'df'],
  ['start', 'a', 'b'], ['stop', 'a'], ['stop', '-t', '3', '-s', 'INT', 'a'], ['restart', '-t', '0', 'a'], ['kill', 'a'], ['kill', '-s', 'HUP', 'a'], ['pause', 'a'], ['unpause', 'a'],
  ['rename', 'a', 'b'], ['rm', '-f', '-v', 'a'], ['rm', '/a/'], ['rm', '-l', 'a'], ['wait', 'a'], ['top', 'a', '-o', 'pid,args'], ['tag', 'a', 'docker.io/library/b'], ['tag', 'a', 'host:5000/x/y:z'],
  ['rmi', 'a/b:c', '-f', '--no-prune'], ['rmi', '--platform', 'linux/arm64/v8', 'a'], ['commit', '-a', 'me', '-m', 'msg', '-c', 'CMD x', '-c', 'ENV a=b', '-p=false', 'a', 'repo/x:y'], ['commit', 'a'],
  ['exec', '-d', 'a', 'cmd', '-x'], ['exec', '-d', '-u', 'me', '-w', '/w', '-e', 'A=1', '--privileged', 'a', 'cmd'], ['network', 'create', 'n'],
  ['network', 'create', '-d', 'x', '--subnet', '10.0.0.0/24', '--ip-range', '10.0.0.0/25', '--gateway', '10.0.0.1', '--aux-address', 'a=10.0.0.5', '--label', 'a=b', '-o', 'c=d', '--ipv6', '--ipv4=false', '--internal', '--attachable', '--ipam-opt', 'e=f', 'n'],
  ['network', 'create', '--config-from', 'other', '--scope', 'local', 'n'], ['network', 'connect', 'n', 'c'],
  ['network', 'connect', '--alias', 'a,b', '--ip', '10.0.0.2', '--ip6', '2001:db8::1', '--link', 'x:y', '--link-local-ip', '169.254.0.1', '--driver-opt', 'a=b', '--gw-priority', '2', 'n', 'c'],
  ['network', 'disconnect', '-f', 'n', 'c'], ['volume', 'create'], ['volume', 'create', '-d', 'x', '-o', 'a=b', '--label', 'c=d', 'v'], ['volume', 'rm', '-f', 'v'],
  ['container', 'prune', '-f', '--filter', 'until=24h'], ['image', 'prune', '-f'], ['image', 'prune', '-af'], ['volume', 'prune', '-f', '-a'], ['network', 'prune', '-f'],
  ['logs', '-f', '-t', '--tail', '5', '--since', '2026-01-02T03:04:05Z', '--until', '1700000000', '--details', 'a'], ['save', 'a', 'b/c:d'], ['inspect', '-s', '--type', 'container', 'a'],
  ['events', '--since', '2026-01-02T03:04:05.678Z', '--until', '2026-01-02', '-f', 'type=container', '--filter', 'event=die'], ['import', 'http://x/y.tar', 'repo:tag', '-c', 'CMD a', '-m', 'msg'],
  ['image', 'inspect', 'a/b:c'], ['create', '--name', 'pulls', 'x'], ['create', '--name', 'pulls', 'host:5000/x/y:z'], ['create', '--name', 'pulls', 'ghcr.io/x/y@sha256:' + 'a'.repeat(64)],
  ['volume', 'inspect', 'v'], ['network', 'inspect', 'n'],
];

/** Requests of older ones lack what the API has learned since. */
const skip = whyOlderCli(28);

describe('requests are those of docker', { skip, concurrency: 4 }, () => {
  for (const argv of lines) {
    test(argv.join(' '), async () => {
      const [docker, ours] = await Promise.all([startStubDaemon(rule), startStubDaemon(rule)]);
      try {
        await Promise.all([runDocker(argv, docker.host), captureCli(argv, { env: { HOME: '/nonexistent', DOCKER_HOST: ours.host } })]);
        const seen = (daemon: typeof docker) => daemon.requests.map(({ method, url, body }) => {
          const { pathname, searchParams } = new URL(url, 'http://stub');
          return { method, path: pathname.replace(/^\/v[0-9.]+/, ''), query: [...searchParams].map(([key, value]) => `${key}=${value}`).toSorted(), body: body.trim() === '' ? '' : decided(pathname, JSON.parse(body)) };
        });
        assert.deepEqual(seen(ours), seen(docker));
      } finally {
        await Promise.all([docker.close(), ours.close()]);
      }
    });
  }
});

/** An exec is detached by its start; whether its creation says so, too, which daemons ignore, differs between builds of docker. */
function decided(path: string, body: unknown): unknown {
  return path.endsWith('/exec') ? { ...body as object, Detach: 'by its start' } : body;
}

function runDocker(argv: readonly string[], host: string): Promise<void> {
  return new Promise((resolve) => {
    execFile('docker', [...argv], { env: { HOME: '/nonexistent', DOCKER_HOST: host, PATH: process.env['PATH'] ?? '' } }, () => resolve());
  });
}
