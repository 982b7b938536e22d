import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { PassThrough, Writable } from 'node:stream';
import { GantryError } from '#base/error.ts';
import type { runProgram } from '../program.ts';

const COMPOSE_FILE = `
services:
  web: { image: web, ports: ["8080:80"], environment: { A: "\${A:-b}" }, depends_on: [data], networks: [front], healthcheck: { test: [CMD, "true"] } }
  data: { image: data, volumes: ["data:/data"], restart: always }
networks: { front: {} }
volumes: { data: {} }
`;

/** Runs common commands against a daemon that is not one, so that V8 has compiled what they need. */
export async function warmUp({ runProgram: run }: { readonly runProgram: typeof runProgram }): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/gantry-bundle-`);
  const socket = `${directory}/docker.sock`;
  const server = answerAll();
  const said: string[] = [];
  const sink = (): Writable => new Writable({ write: (chunk: Buffer, _encoding, done) => { said.push(chunk.toString()); done(); } });
  const env = { DOCKER_HOST: `unix://${socket}`, HOME: directory, DOCKER_CONFIG: directory };
  try {
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    writeFileSync(`${directory}/compose.yaml`, COMPOSE_FILE);
    const compose = ['compose', '--project-name', 'warm', '--file', `${directory}/compose.yaml`];
    for (const argv of [[...compose, 'up', '--detach'], [...compose, 'ps'], [...compose, 'down'], ['ps'], ['--version']]) {
      const code = await run(argv, { stdin: new PassThrough(), stdout: sink(), stderr: sink(), env });
      if (code !== 0) throw new GantryError('internal', `warming up failed at ${argv.join(' ')}: ${said.join('')}`);
    }
  } finally {
    server.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

const RUNNING = {
  Id: '0'.repeat(64), Names: ['/warm-web-1'], Image: 'web', ImageID: `sha256:${'0'.repeat(64)}`, Command: 'web', Created: 1, State: 'running', Status: 'Up', Ports: [],
  Labels: { 'com.docker.compose.project': 'warm', 'com.docker.compose.service': 'web', 'com.docker.compose.container-number': '1', 'com.docker.compose.oneoff': 'False' },
  NetworkSettings: { Networks: { warm_front: {} } }, Mounts: [],
};

function answerAll(): Server {
  return createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\/v[0-9.]+/, '').split('?')[0] ?? '';
    const answer = path === '/_ping' ? 'OK' : JSON.stringify(path === '/containers/json' ? [RUNNING] : path === '/networks' ? [] : path === '/volumes' ? { Volumes: [] } : { Id: '0'.repeat(64), Name: 'warm' });
    request.resume().on('end', () => response.writeHead(200, { 'Api-Version': '1.51', 'Content-Type': 'application/json', 'Content-Length': answer.length }).end(request.method === 'HEAD' ? undefined : answer));
  });
}
