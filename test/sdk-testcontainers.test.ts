import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { text } from 'node:stream/consumers';
import type * as Testcontainers from 'testcontainers';
import { SdkScenarios } from './sdk/ratchet.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';

/* Testcontainers for Node, unmodified, against our daemon. Its reaper comes from a registry, so it is off. */

const IMAGE = 'busybox:latest';
const SERVER = ['sh', '-c', 'echo page > /tmp/index.html; echo ready to serve; exec httpd -f -p 8080 -h /tmp'];

describe('Testcontainers for Node', { skip: whyNoImage() ?? false }, () => {
  let daemon: TestDaemon;
  let library: typeof Testcontainers;

  before(async () => {
    daemon = await TestDaemon.start();
    daemon.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    // It reads its surroundings when it is loaded.
    Object.assign(process.env, { DOCKER_HOST: `unix://${daemon.socket}`, TESTCONTAINERS_RYUK_DISABLED: 'true' });
    library = await import('testcontainers');
  });

  after(async () => {
    await daemon?.destroy();
  });

  const scenarios = new SdkScenarios('testcontainers-scenarios', {
    timeoutMs: 60_000,
    cleanUp: async () => {
      const left = daemon.docker('ps', '-aq').out.split('\n').filter(Boolean);
      if (left.length > 0) daemon.docker('rm', '-fv', ...left);
    },
  });
  const scenario = scenarios.scenario.bind(scenarios);

  scenario('a container that waits for its port is reached', async () => {
    const container = await new library.GenericContainer(IMAGE).withCommand(SERVER).withExposedPorts(8080).start();
    const answer = await fetch(`http://${container.getHost()}:${container.getMappedPort(8080)}/index.html`);
    assert.equal(await answer.text(), 'page\n');
    await container.stop();
    assert.equal(daemon.ok('ps', '-aq'), '');
  });

  scenario('waiting for a log message, for HTTP, for a command, and for several', async () => {
    const { GenericContainer, Wait } = library;
    const server = (): Testcontainers.GenericContainer => new GenericContainer(IMAGE).withCommand(SERVER).withExposedPorts(8080);
    const strategies = [
      Wait.forLogMessage('ready to serve'), Wait.forLogMessage(/ready/), Wait.forHttp('/index.html', 8080).forStatusCode(200), Wait.forSuccessfulCommand('test -e /tmp/index.html'), Wait.forAll([Wait.forListeningPorts(), Wait.forLogMessage('ready')]),
    ];
    for (const strategy of strategies) await (await server().withWaitStrategy(strategy).withStartupTimeout(15_000).start()).stop();
  });

  scenario('waiting for health', async () => {
    const { GenericContainer, Wait } = library;
    const healthy = await new GenericContainer(IMAGE).withCommand(SERVER).withHealthCheck({ test: ['CMD-SHELL', 'test -e /tmp/index.html'], interval: 200, timeout: 1000, retries: 20 }).withWaitStrategy(Wait.forHealthCheck()).withStartupTimeout(10_000).start();
    await healthy.stop();
  });

  scenario('a container that ends by itself', async () => {
    const { GenericContainer, Wait } = library;
    const container = await new GenericContainer(IMAGE).withCommand(['sh', '-c', 'echo once']).withWaitStrategy(Wait.forOneShotStartup()).start();
    assert.equal(await text(await container.logs()), 'once\n');
  });

  scenario('exec, with its streams apart, as a user, in a directory', async () => {
    const container = await new library.GenericContainer(IMAGE).withCommand(['sleep', '100']).start();
    const { output, stdout, stderr, exitCode } = await container.exec(['sh', '-c', 'echo out; echo err >&2; exit 3']);
    assert.deepEqual([stdout, stderr, exitCode], ['out\n', 'err\n', 3]);
    assert.match(output, /out\n/);
    const second = await container.exec(['sh', '-c', 'id -un; pwd; echo $A'], { user: 'user', workingDir: '/tmp', env: { A: '1' } });
    assert.equal(second.output, 'user\n/tmp\n1\n');
  });

  scenario('files and content, in before the start and out after it', async () => {
    const container = await new library.GenericContainer(IMAGE).withCommand(['sleep', '100']).withCopyContentToContainer([{ content: 'copied', target: '/tmp/copied', mode: 0o600 }]).start();
    assert.equal((await container.exec(['sh', '-c', 'cat /tmp/copied; stat -c %a /tmp/copied'])).output, 'copied600\n');
    await container.copyContentToContainer([{ content: 'later', target: '/tmp/later' }]);
    const archive = await text(await container.copyArchiveFromContainer('/tmp/later'));
    assert.ok(archive.includes('later'));
  });

  scenario('settings: environment, limits, mounts, labels, user', async () => {
    const container = await new library.GenericContainer(IMAGE).withCommand(['sleep', '100']).withEnvironment({ A: '1' }).withLabels({ made: 'here' }).withResourcesQuota({ memory: 0.125, cpu: 0.5 }).withTmpFs({ '/scratch': 'rw,size=1m' }).withUser('1000').withWorkingDir('/tmp').withName('testcontainers-set').start();
    assert.equal((await container.exec(['sh', '-c', 'echo $A; id -u; pwd; df -k /scratch | tail -1 | tr -s " " | cut -d" " -f2'])).output, '1\n1000\n/tmp\n1024\n');
    assert.equal(container.getLabels()['made'], 'here');
    assert.equal(daemon.ok('inspect', '-f', '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}}', 'testcontainers-set'), '134217728 500000000');
  });

  scenario('a network whose containers know each other by alias', async () => {
    const { GenericContainer, Network, Wait } = library;
    const network = await new Network().start();
    const server = await new GenericContainer(IMAGE).withNetwork(network).withNetworkAliases('pages').withCommand(SERVER).withWaitStrategy(Wait.forLogMessage('ready')).start();
    const client = await new GenericContainer(IMAGE).withNetwork(network).withCommand(['sleep', '100']).start();
    // Without -T, which Debian's static busybox crashes of.
    assert.equal((await client.exec(['sh', '-c', 'until wget -qO- http://pages:8080/index.html; do sleep 0.1; done 2>/dev/null'])).output, 'page\n');
    await client.stop();
    await server.stop();
    await network.stop();
  });

  scenario('restart keeps the container and its ports are told again', async () => {
    const container = await new library.GenericContainer(IMAGE).withCommand(SERVER).withExposedPorts(8080).start();
    const id = container.getId();
    await container.restart({ timeout: 0 });
    assert.equal(container.getId(), id);
    const answer = await fetch(`http://${container.getHost()}:${container.getMappedPort(8080)}/index.html`);
    assert.equal(answer.status, 200);
    await container.stop();
  });

  scenario('an image made of a container', async () => {
    const container = await new library.GenericContainer(IMAGE).withCommand(['sleep', '100']).start();
    await container.exec(['sh', '-c', 'echo new > /made']);
    const id = await container.commit({ repo: 'testcontainers-made', tag: '1', deleteOnExit: false });
    const made = await new library.GenericContainer('testcontainers-made:1').withCommand(['sleep', '100']).start();
    assert.equal((await made.exec(['cat', '/made'])).output, 'new\n');
    await made.stop();
    daemon.ok('rmi', id);
  });

  scenario('logs as they come', async () => {
    const lines: string[] = [];
    const container = await new library.GenericContainer(IMAGE).withCommand(['sh', '-c', 'for i in 1 2 3; do echo line $i; sleep 0.1; done; exec sleep 100']).withLogConsumer((stream) => void stream.on('data', (line: string) => lines.push(String(line).trim()))).withWaitStrategy(library.Wait.forLogMessage('line 3')).start();
    assert.deepEqual(lines.slice(0, 2), ['line 1', 'line 2']);
    await container.stop();
  });

  scenarios.end();
});
