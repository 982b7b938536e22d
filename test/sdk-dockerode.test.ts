import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough, Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { after, before, describe } from 'node:test';
import Docker from 'dockerode';
import { SdkScenarios } from './sdk/ratchet.ts';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { forgeTar } from './world/forge.ts';
import { eventually } from './world/waiting.ts';

/* dockerode, unmodified, against our daemon. */

const IMAGE = 'busybox:latest';

describe('dockerode', { skip: whyNoImage() ?? false }, () => {
  let daemon: TestDaemon;
  let docker: Docker;

  before(async () => {
    daemon = await TestDaemon.start();
    docker = new Docker({ socketPath: daemon.socket });
    const progress = await docker.importImage(busyboxTar(), { repo: 'busybox', tag: 'latest', changes: 'CMD ["sh"]' } as object);
    await new Promise((resolve, reject) => docker.modem.followProgress(progress, (error) => (error === null ? resolve(undefined) : reject(error))));
  });

  after(async () => {
    await daemon?.destroy();
  });

  const scenarios = new SdkScenarios('dockerode-scenarios', {
    timeoutMs: 40_000,
    cleanUp: async () => {
      for (const { Id } of await docker.listContainers({ all: true })) await docker.getContainer(Id).remove({ force: true, v: true });
    },
  });
  const scenario = scenarios.scenario.bind(scenarios);

  function create(options: Docker.ContainerCreateOptions = {}): Promise<Docker.Container> {
    return docker.createContainer({ Image: IMAGE, Cmd: ['sleep', '100'], ...options });
  }

  async function started(options: Docker.ContainerCreateOptions = {}): Promise<Docker.Container> {
    const container = await create(options);
    await container.start();
    return container;
  }

  /** Both streams of a multiplexed one. */
  async function parts(stream: NodeJS.ReadableStream): Promise<{ out: string; err: string }> {
    const [out, err] = [new PassThrough(), new PassThrough()];
    docker.modem.demuxStream(stream, out, err);
    stream.once('end', () => {
      out.end();
      err.end();
    });
    const [outText, errText] = await Promise.all([text(out), text(err)]);
    return { out: outText, err: errText };
  }

  scenario('ping, version and info', async () => {
    assert.equal(String(await docker.ping()), 'OK');
    assert.equal((await docker.version()).ApiVersion, '1.51');
    assert.equal(((await docker.info()) as { OSType: string }).OSType, 'linux');
  });

  scenario('run writes what the container says to a stream', async () => {
    const [out, err] = [new PassThrough(), new PassThrough()];
    const told = Promise.all([text(out), text(err)]);
    const [status] = await docker.run(IMAGE, ['sh', '-c', 'echo out; echo err >&2; exit 3'], [out, err] as never, { Tty: false }) as [{ StatusCode: number }];
    out.end();
    err.end();
    assert.equal(status.StatusCode, 3);
    assert.deepEqual(await told, ['out\n', 'err\n']);
  });

  scenario('attach before the start, with input and half-close', async () => {
    const container = await create({ Cmd: ['sh', '-c', 'cat; echo done >&2'], OpenStdin: true, StdinOnce: true });
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
    const told = parts(stream);
    await container.start();
    stream.write('one\n');
    stream.end('two\n');
    assert.deepEqual(await told, { out: 'one\ntwo\n', err: 'done\n' });
    assert.equal((await container.wait() as { StatusCode: number }).StatusCode, 0);
  });

  scenario('a wait that begins before the start', async () => {
    const container = await create({ Cmd: ['sh', '-c', 'exit 4'], HostConfig: { AutoRemove: true } });
    const ended = container.wait({ condition: 'removed' });
    await container.start();
    assert.deepEqual(await ended, { StatusCode: 4 });
    await assert.rejects(container.inspect(), { statusCode: 404, reason: 'no such container' });
  });

  scenario('exec: streams, exit code, terminal and its size', async () => {
    const container = await started();
    const exec = await container.exec({ Cmd: ['sh', '-c', 'echo out; echo err >&2; exit 5'], AttachStdout: true, AttachStderr: true });
    assert.deepEqual(await parts(await exec.start({ hijack: true, stdin: false })), { out: 'out\n', err: 'err\n' });
    assert.equal((await exec.inspect()).ExitCode, 5);
    const plain = await container.exec({ Cmd: ['echo', 'unframed'], AttachStdout: true });
    assert.deepEqual(await parts(await plain.start({})), { out: 'unframed\n', err: '' });
    const terminal = await container.exec({ Cmd: ['sh', '-c', 'read line; stty size; echo got $line'], Tty: true, AttachStdin: true, AttachStdout: true });
    const stream = await terminal.start({ hijack: true, stdin: true, Tty: true });
    await terminal.resize({ h: 30, w: 90 });
    const told = text(stream as unknown as Readable);
    stream.write('word\n');
    assert.match(await told, /30 90\r\ngot word\r\n$/);
  });

  scenario('logs as text, as they come, and a tail', async () => {
    const container = await started({ Cmd: ['sh', '-c', 'echo a; echo b >&2; sleep 0.3; echo c'] });
    assert.deepEqual(await parts(await container.logs({ follow: true, stdout: true, stderr: true })), { out: 'a\nc\n', err: 'b\n' });
    const tail = await container.logs({ stdout: true, tail: 1 }) as unknown as Buffer;
    assert.equal(tail.subarray(8).toString(), 'c\n');
  });

  scenario('archives both ways, and what they are asked about', async () => {
    const container = await create();
    await container.putArchive(forgeTar([{ name: 'made', data: 'bytes', mode: 0o600, uid: 1000 }]), { path: '/tmp' });
    const taken = await buffer(await container.getArchive({ path: '/tmp/made' }));
    assert.equal(taken.subarray(512, 517).toString(), 'bytes');
    const stat = await container.infoArchive({ path: '/tmp/made' }) as { headers: Record<string, string> };
    const told = JSON.parse(Buffer.from(stat.headers['x-docker-container-path-stat'] ?? '', 'base64').toString()) as { name: string; size: number; mode: number };
    assert.deepEqual([told.name, told.size, told.mode & 0o777], ['made', 5, 0o600]);
    await assert.rejects(container.getArchive({ path: '/nosuch' }), { statusCode: 404 });
  });

  scenario('changes and export', async () => {
    const container = await started({ Cmd: ['sh', '-c', 'echo new > /new'] });
    await container.wait();
    assert.deepEqual(await container.changes(), [{ Path: '/new', Kind: 1 }]);
    assert.ok((await buffer(await container.export() as Readable)).includes('new\n'));
  });

  scenario('stats once and as a stream', async () => {
    const container = await started();
    const first = await container.stats({ stream: false });
    assert.ok(first.memory_stats.usage > 0);
    assert.ok(first.cpu_stats.system_cpu_usage > 0);
    const stream = await container.stats({ stream: true }) as unknown as Readable;
    const [piece] = await once(stream, 'data') as [Buffer];
    assert.equal((JSON.parse(piece.toString()) as { name: string }).name, (await container.inspect()).Name);
    stream.destroy();
  });

  scenario('events as they happen', async () => {
    const stream = await docker.getEvents({ filters: { type: ['container'], event: ['start'] } }) as Readable;
    const container = await started({ name: 'dockerode-events' });
    const [piece] = await once(stream, 'data') as [Buffer];
    assert.deepEqual([(JSON.parse(piece.toString()) as { id: string }).id], [container.id]);
    stream.destroy();
  });

  scenario('the life of a container', async () => {
    const container = await started({ name: 'dockerode-life', Labels: { made: 'here' } });
    await container.pause();
    assert.equal((await container.inspect()).State.Status, 'paused');
    await container.unpause();
    await container.rename({ name: 'dockerode-renamed' });
    await container.restart({ t: 0 });
    await assert.rejects(container.start(), { statusCode: 304 });
    await container.stop({ t: 0 });
    await assert.rejects(container.stop(), { statusCode: 304 });
    assert.deepEqual((await docker.listContainers({ all: true, filters: { label: ['made=here'] } })).map(({ Names, State }) => [Names, State]), [[['/dockerode-renamed'], 'exited']]);
    await container.remove();
    await assert.rejects(container.inspect(), { statusCode: 404 });
  });

  scenario('update and top', async () => {
    const container = await started({ HostConfig: { Memory: 64 << 20 } });
    await container.update({ Memory: 128 << 20, MemorySwap: -1 });
    assert.equal((await container.inspect()).HostConfig.Memory, 128 << 20);
    assert.equal((await container.top() as { Processes: string[][] }).Processes[0]?.at(-1), 'sleep 100');
  });

  scenario('networks and volumes', async () => {
    const network = await docker.createNetwork({ Name: 'dockerode-net', Driver: 'bridge' });
    await docker.createVolume({ Name: 'dockerode-volume', Labels: { made: 'here' } });
    try {
      const server = await started({ name: 'dockerode-server', Cmd: ['sh', '-c', 'echo page > /data/index.html; exec httpd -f -p 80 -h /data'], HostConfig: { NetworkMode: 'dockerode-net', Binds: ['dockerode-volume:/data'] } });
      const other = await started();
      await network.connect({ Container: other.id });
      const page = await eventually('the page', async () => {
        const exec = await other.exec({ Cmd: ['wget', '-qO-', 'http://dockerode-server/index.html'], AttachStdout: true });
        return (await parts(await exec.start({}))).out;
      }, (out) => out !== '');
      assert.equal(page, 'page\n');
      assert.equal(Object.keys((await network.inspect() as { Containers: object }).Containers).length, 2);
      await network.disconnect({ Container: other.id });
      await server.remove({ force: true });
    } finally {
      for (const { Id } of await docker.listContainers({ all: true })) await docker.getContainer(Id).remove({ force: true });
      await network.remove();
      await docker.getVolume('dockerode-volume').remove();
    }
    assert.deepEqual((await docker.listVolumes({ filters: { name: ['dockerode-volume'] } })).Volumes, []);
  });

  scenario('images: tag, get, remove, load, history, commit', async () => {
    const image = docker.getImage(IMAGE);
    await image.tag({ repo: 'dockerode-image', tag: '1' });
    const saved = await buffer(await docker.getImage('dockerode-image:1').get() as Readable);
    await docker.getImage('dockerode-image:1').remove();
    const loading = await docker.loadImage(saved as never) as Readable;
    assert.match(await text(loading), /Loaded image: dockerode-image:1/);
    assert.equal((await image.history() as unknown[]).length, 1);
    const container = await started({ Cmd: ['sh', '-c', 'echo new > /file'] });
    await container.wait();
    const { Id } = await container.commit({ repo: 'dockerode-image', tag: '2' }) as { Id: string };
    assert.equal((await docker.getImage('dockerode-image:2').inspect()).Id, Id);
    for (const tag of ['1', '2']) await docker.getImage(`dockerode-image:${tag}`).remove({ force: true });
  });

  scenario('a build from an archive, its steps and its failure', async () => {
    const archive = (dockerfile: string): Readable => Readable.from([forgeTar([{ name: 'Dockerfile', data: dockerfile }, { name: 'f', data: 'sent' }])]);
    const build = async (dockerfile: string): Promise<{ readonly stream?: string; readonly error?: string }[]> => {
      const steps = await docker.buildImage(archive(dockerfile), { t: 'dockerode-built:1', buildargs: { A: 'given' } });
      return await new Promise((resolve, reject) => docker.modem.followProgress(steps, (error, output) => (error === null ? resolve(output as { readonly stream?: string }[]) : reject(error))));
    };
    const output = await build(`FROM ${IMAGE}\nARG A\nCOPY f /f\nRUN echo $A >> /f\nCMD cat /f\n`);
    assert.match(output.map(({ stream = '' }) => stream).join(''), /Successfully tagged dockerode-built:1/);
    // It may be over before anybody could attach to it.
    const { out } = await parts(await (await started({ Image: 'dockerode-built:1', Cmd: ['cat', '/f'] })).logs({ follow: true, stdout: true, stderr: true }));
    assert.equal(out, 'sentgiven\n');
    assert.match((await build(`FROM ${IMAGE}\nRUN exit 3\n`)).at(-1)?.error ?? '', /The command '\/bin\/sh -c exit 3' returned a non-zero code: 3/);
    await docker.getImage('dockerode-built:1').remove({ force: true });
  });

  scenario('refusals carry a status and Docker\'s words', async () => {
    await assert.rejects(docker.getContainer('nosuch').inspect(), { statusCode: 404, json: { message: 'No such container: nosuch' } });
    await assert.rejects(create({ Image: 'nosuch:1' }), { statusCode: 404, json: { message: 'No such image: nosuch:1' } });
    await create({ name: 'dockerode-taken' });
    await assert.rejects(create({ name: 'dockerode-taken' }), { statusCode: 409 });
  });

  scenarios.end();
});
