import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { GrpcClient } from '../src/build/edge/grpc/client.ts';
import { INFO_RESPONSE, LIST_WORKERS_REQUEST, LIST_WORKERS_RESPONSE, SOLVE_REQUEST, SOLVE_RESPONSE } from '../src/build/wire/control.ts';
import {
  BRIDGE_SOLVE_REQUEST, BRIDGE_SOLVE_RESPONSE, EMPTY, EVALUATE_REQUEST, PONG_RESPONSE, READ_DIR_REQUEST, READ_DIR_RESPONSE, READ_FILE_REQUEST, READ_FILE_RESPONSE, RETURN_REQUEST, STAT_FILE_REQUEST, STAT_FILE_RESPONSE,
} from '../src/build/wire/gateway.ts';
import { buildScenarios, ran, type Building, type Ran } from './build/building.ts';

const scenario = buildScenarios('build-question-scenarios');

const FILE = `# V is a version
ARG V=1
FROM base AS tools
ARG V
RUN --mount=type=secret,id=tok,required true
# out is the result
FROM tools AS out
ARG W=w$V
FROM scratch
WORKDIR x
`;

async function ask(world: Building, text: string, ...args: readonly string[]): Promise<Ran> {
  const directory = world.context({ Dockerfile: text });
  try {
    return await world.build(directory, ...args);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

scenario('an outline has the arguments and secrets of the target', async (world) => {
  const { stdout } = await ask(world, FILE, '--call=outline', '--target=out');
  assert.equal(stdout, 'TARGET:      out\nDESCRIPTION: is the result\n\nBUILD ARG   VALUE   DESCRIPTION\nV           1       is a version\nW           w1      \n\nSECRET   REQUIRED\ntok      true\n\n');
});

scenario('the targets of a file are listed', async (world) => {
  const { stdout } = await ask(world, FILE, '--call=targets');
  assert.equal(stdout, 'TARGET    DESCRIPTION\ntools     \nout       is the result\n(default) \n');
});

scenario('a check shows what it found, with the lines', async (world) => {
  const { code, stdout } = await ask(world, FILE, '--check');
  assert.equal(code, 1);
  assert.match(stdout, /WARNING: WorkdirRelativePath - https:\/\/docs\.docker\.com\/go\/dockerfile\/rule\/workdir-relative-path\/\nRelative workdir "x" .*\n.*Dockerfile:10\n-{20}\n.*\n.*\n +10 \| >>> WORKDIR x\n/);
  assert.equal((await ask(world, 'FROM scratch\n', '--check')).code, 0);
  const strict = await ask(world, '# check=error=true\nFROM scratch\nENV k v\n', '--check');
  assert.equal(strict.code, 1);
  assert.match(strict.stdout, /WARNING: LegacyKeyValueFormat[^]*ENV k v/);
  assert.match(strict.stderr, /ERROR: lint violation found for rules: LegacyKeyValueFormat/);
  // The report is the answer, and told once.
  assert.doesNotMatch(strict.stderr, /WARN:|warning found/);
});

scenario('a check of a file that can not be built says why', async (world) => {
  const { code, stdout, stderr } = await ask(world, 'FROM scratch\nFOO bar\n', '--check');
  assert.notEqual(code, 0);
  assert.match(stdout + stderr, /unknown instruction: FOO \(did you mean FROM\?\)/);
});

scenario('a client of its own builds and looks at files, by gRPC without an upgrade', async (world) => {
  const server = createServer((_, response) => response.end('FROM base\nRUN mkdir -p /made/d && printf %s text > /made/f && chmod 640 /made/f\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = new GrpcClient(connect(world.daemon.socket));
  const [control, bridge] = ['/moby.buildkit.v1.Control', '/moby.buildkit.v1.frontend.LLBBridge'];
  const ref = `own-client-${process.pid}`;
  const mine = { 'buildkit-controlapi-buildid': ref };
  try {
    const workers = await client.unary(`${control}/ListWorkers`, LIST_WORKERS_REQUEST, LIST_WORKERS_RESPONSE, {});
    assert.equal(workers.record.length, 1);
    assert.match((await client.unary(`${control}/Info`, EMPTY, INFO_RESPONSE, {})).version?.version ?? '', /^v0\./);
    const done = client.unary(`${control}/Solve`, SOLVE_REQUEST, SOLVE_RESPONSE, { ref });
    done.catch(() => undefined);
    assert.ok((await client.unary(`${bridge}/Ping`, EMPTY, PONG_RESPONSE, {}, mine)).frontendCaps.length > 0);
    const frontendOpt = new Map([['context', `http://127.0.0.1:${(server.address() as AddressInfo).port}/Dockerfile`]]);
    const { result } = await client.unary(`${bridge}/Solve`, BRIDGE_SOLVE_REQUEST, BRIDGE_SOLVE_RESPONSE, { frontend: 'dockerfile.v0', frontendOpt }, mine);
    const id = result?.ref?.id ?? '';
    await client.unary(`${bridge}/Evaluate`, EVALUATE_REQUEST, EMPTY, { ref: id }, mine);
    const { stat } = await client.unary(`${bridge}/StatFile`, STAT_FILE_REQUEST, STAT_FILE_RESPONSE, { ref: id, path: 'made/f' }, mine);
    assert.deepEqual([stat?.path, stat?.size, (stat?.mode ?? 0) & 0o777], ['f', 4, 0o640]);
    const { data } = await client.unary(`${bridge}/ReadFile`, READ_FILE_REQUEST, READ_FILE_RESPONSE, { ref: id, filePath: '/made/f', range: { offset: 1, length: 2 } }, mine);
    assert.equal(new TextDecoder().decode(data), 'ex');
    const { entries } = await client.unary(`${bridge}/ReadDir`, READ_DIR_REQUEST, READ_DIR_RESPONSE, { ref: id, dirPath: 'made' }, mine);
    assert.deepEqual(entries.map(({ path }) => path).sort(), ['d', 'f']);
    await assert.rejects(client.unary(`${bridge}/StatFile`, STAT_FILE_REQUEST, STAT_FILE_RESPONSE, { ref: id, path: 'none' }, mine), /stat none: no such file or directory/);
    await client.unary(`${bridge}/Return`, RETURN_REQUEST, EMPTY, { result: { ref: { id } } }, mine);
    await done;
    await assert.rejects(client.unary(`${control}/Solve`, SOLVE_REQUEST, SOLVE_RESPONSE, { ref: `${ref}-2`, frontend: 'other.v0' }), /the frontend other\.v0 is not supported/);
  } finally {
    client.close();
    server.close();
  }
});

scenario('NAME.dockerignore stands in for .dockerignore', async (world) => {
  const directory = world.context({ 'Own.Dockerfile': 'FROM base\nCOPY . /c\nRUN echo has $(ls -A /c)\n', 'Own.Dockerfile.dockerignore': 'drop\n*Dockerfile*\n', '.dockerignore': 'keep\n', keep: 'k', drop: 'd' });
  try {
    const { code, stderr } = await world.build(directory, '-f', 'Own.Dockerfile');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /has \.dockerignore keep$/m);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scenario('a context on the standard input is uploaded', async (world) => {
  const directory = world.context({ 'other/Dockerfile': 'FROM base\nCOPY f /f\nRUN cat /f\n', f: 'uploaded-text' });
  try {
    const tar = execFileSync('tar', ['-C', directory, '-cz', '.']);
    const { code, stderr } = await world.buildx.run(['build', '--progress=plain', '-f', 'other/Dockerfile', '-'], directory, undefined, tar);
    assert.equal(code, 0, stderr);
    assert.ok(ran(stderr, 'uploaded-text'), stderr);
    const alone = await world.buildx.run(['build', '--progress=plain', '-'], directory, undefined, Buffer.from('FROM base\nRUN echo of-one-file\n'));
    assert.ok(alone.code === 0 && ran(alone.stderr, 'of-one-file'), alone.stderr);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scenario('--explain says of every step why it ran or did not', async (world) => {
  const directory = world.context({ Dockerfile: 'FROM base\nRUN echo explained > /first\nCOPY f /f\n', f: '1' });
  const explained = (): string => execFileSync(join(import.meta.dirname, '../gantry'), ['build', '--explain', directory], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { PATH: process.env['PATH'], HOME: world.daemon.directory, DOCKER_HOST: `unix://${world.daemon.socket}` } });
  try {
    assert.match(explained(), /^ran +\[2\/3\] RUN echo explained > \/first +something that it reads is new, or it never ran$/m);
    writeFileSync(join(directory, 'f'), '2');
    const again = explained();
    assert.match(again, /^cached +\[2\/3\] RUN echo explained > \/first +nothing that it reads has changed$/m);
    assert.match(again, /^ran +\[3\/3\] COPY f \/f +something that it reads is new, or it never ran$/m);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

scenario('what fails is told with its last lines, its place and what may have been meant', async (world) => {
  await world.fails(/"\/src\/apps\.js": not found \(the context has "\/src\/app\.js"\)/, { Dockerfile: 'FROM base\nCOPY src/apps.js /\n', 'src/app.js': '' });
  await world.fails(/ > \[2\/2\] RUN echo said; exit 7:\n[\d.]+ said\n-{6}\nDockerfile:2\n-{20}\n {3}1 \| +FROM base\n {3}2 \| >>> RUN echo said; exit 7\n[^]*exit code: 7/, { Dockerfile: 'FROM base\nRUN echo said; exit 7\n' });
  await world.fails(/Dockerfile:2\n-{20}\n {3}1 \| +FROM base\n {3}2 \| >>> RUNN true\n[^]*unknown instruction: RUNN \(did you mean RUN\?\)/, { Dockerfile: 'FROM base\nRUNN true\n' });
  // No machine of ours has an emulator of it, and none is a machine of it.
  await world.fails(/Dockerfile:3\n[^]*ERROR: [^\n]*this command is of linux\/loong64, and no emulator for that is registered with the kernel of this machine \(linux\/\w+\)/, { Dockerfile: 'FROM scratch\nCOPY sh /bin/sh\nRUN true\n', sh: '' }, '--platform', 'linux/loong64');
});
