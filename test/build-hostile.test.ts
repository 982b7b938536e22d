import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildScenarios, type Building } from './build/building.ts';
import { httpCall } from './world/unix-call.ts';

const scenario = buildScenarios('build-hostile-scenarios');

/** A file of the host that no build may read, change or get rid of. */
async function guarded(run: (sentinel: { readonly directory: string; readonly file: string; readonly canary: string }) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'gantry-sentinel-'));
  const canary = `canary-${process.pid}-${Math.trunc(performance.now())}`;
  const file = join(directory, 'sentinel');
  writeFileSync(file, canary);
  try {
    await run({ directory, file, canary });
    assert.deepEqual(readdirSync(directory), ['sentinel']);
    assert.equal(readFileSync(file, 'utf8'), canary);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function classic(world: Building, tar: Uint8Array, query = ''): Promise<string> {
  return httpCall(world.daemon.socket, 'POST', `/build?${query}`, tar).then(({ body }) => body.toString('utf8'));
}

scenario('S-501 a mount whose source is a link stays inside its stage', async (world) => {
  await guarded(async ({ directory }) => {
    const stage = `FROM base AS s\nRUN ln -s / /root-link && ln -s ${directory} /link && ln -s /../../../../..${directory} /rise && mkdir -p ${directory} && echo inside > ${directory}/own\n`;
    const output = await world.ok({ Dockerfile: `${stage}FROM base\nRUN --mount=type=bind,from=s,source=/link,target=/m,rw ls /m && echo x > /m/new && rm -f /m/sentinel\nRUN --mount=type=bind,from=s,source=/rise,target=/m,rw ls /m; echo y > /m/new\nRUN --mount=type=bind,from=s,source=/root-link,target=/m,rw ls /m && rm -rf /m/etc && test ! -e /m/proc/self\n` });
    assert.doesNotMatch(output, /^#\d+ [\d.]+ sentinel$/m);
  });
});

scenario('S-502 ids and places of cache mounts are no paths', async (world) => {
  await guarded(async ({ directory }) => {
    await world.ok({ Dockerfile: `FROM base\nRUN ln -s ${directory} /link && mkdir -p ${directory}\nRUN --mount=type=cache,id=../../../../../..${directory},target=/c echo x > /c/x\nRUN --mount=type=cache,id=z,target=/link/below echo x > /link/below/x\nRUN --mount=type=cache,id=/etc,target=/c2 ls /c2 | wc -l\n` });
  });
});

scenario('S-502 two stages that use a cache at once see each other only where it is shared', async (world) => {
  await world.ok({ Dockerfile: 'FROM base AS a\nRUN --mount=type=cache,id=lk,sharing=locked,target=/c mkdir /c/l && sleep 1 && rmdir /c/l\nFROM base AS b\nRUN --mount=type=cache,id=lk,sharing=locked,target=/c mkdir /c/l && sleep 1 && rmdir /c/l\nFROM base\nCOPY --from=a /etc/passwd /a\nCOPY --from=b /etc/passwd /b\n' }, '--no-cache');
  await world.ok({ Dockerfile: 'FROM base AS a\nRUN --mount=type=cache,id=pv,sharing=private,target=/c mkdir /c/l && sleep 1 && rmdir /c/l\nFROM base AS b\nRUN --mount=type=cache,id=pv,sharing=private,target=/c mkdir /c/l && sleep 1 && rmdir /c/l\nFROM base\nCOPY --from=a /etc/passwd /a\nCOPY --from=b /etc/passwd /b\n' }, '--no-cache');
});

scenario('S-503 the place of a mount that is swapped for a link takes nothing of the host away', async (world) => {
  await guarded(async ({ directory }) => {
    await world.ok({ Dockerfile: `FROM base\nRUN --mount=type=tmpfs,target=/a/b/c true; ln -s ${directory} /swapped\nRUN --mount=type=bind,target=/p/q/r mv /p /old 2>/dev/null; ln -s ${directory} /p 2>/dev/null; true\n` });
    await world.fails(/did not complete/, { Dockerfile: `FROM base\nRUN ln -s ${directory} /swapped\nRUN --mount=type=cache,target=/swapped/sentinel true\n` });
  });
});

scenario('S-504 links of a context lead nowhere outside of it', async (world) => {
  await guarded(async ({ directory, canary }) => {
    const files = { Dockerfile: 'FROM base\nCOPY . /ctx/\nRUN ! cat /ctx/out/sentinel /ctx/file 2>/dev/null\n', out: `->${directory}`, file: `->${directory}/sentinel`, '.dockerignore': '!../\n!../../*\n' };
    assert.doesNotMatch(await world.ok(files), new RegExp(canary));
    await world.fails(/not found/, { Dockerfile: 'FROM base\nCOPY file /f\n', file: `->${directory}/sentinel` });
    await world.fails(/not found/, { Dockerfile: 'FROM base\nCOPY out/sentinel /f\n', out: `->${directory}` });
    await world.fails(/not found|no such file/, { Dockerfile: 'FROM base\nCOPY ../../../../../../etc/hostname /f\n' });
    const context = mkdtempSync(join(tmpdir(), 'gantry-tar-'));
    symlinkSync(directory, join(context, 'd'));
    writeFileSync(join(context, 'Dockerfile'), 'FROM base\nCOPY d/sentinel /x\n');
    const tar = execFileSync('tar', ['-C', context, '-c', '.']);
    rmSync(context, { recursive: true });
    assert.match(await classic(world, tar), /not found/);
  });
});

scenario('S-504 a hard link of a sent archive is one inside it', async (world) => {
  await guarded(async ({ directory }) => {
    const place = mkdtempSync(join(tmpdir(), 'gantry-tar-'));
    mkdirSync(join(place, directory), { recursive: true });
    writeFileSync(join(place, 'Dockerfile'), 'FROM base\n');
    writeFileSync(join(place, directory, 'sentinel'), 'x');
    const tar = execFileSync('tar', ['-C', place, '-c', '--transform', `s,^linked$,../../../../../..${directory}/linked,`, '-P', 'Dockerfile']);
    const hard = execFileSync('python3', ['-c', `import tarfile,io,sys
b=io.BytesIO(); t=tarfile.open(fileobj=b,mode='w')
d=b'FROM base\\nCOPY h /h\\n'; i=tarfile.TarInfo('Dockerfile'); i.size=len(d); t.addfile(i,io.BytesIO(d))
for name,target in (('h','${directory}/sentinel'),('h2','../../../../../..${directory}/sentinel')):
  i=tarfile.TarInfo(name); i.type=tarfile.LNKTYPE; i.linkname=target; t.addfile(i)
for name in ('../escape','/abs','../../../../../../..${directory}/new'):
  i=tarfile.TarInfo(name); i.size=1; t.addfile(i,io.BytesIO(b'x'))
t.close(); sys.stdout.buffer.write(b.getvalue())`]);
    rmSync(place, { recursive: true });
    await classic(world, tar);
    assert.match(await classic(world, hard), /is a link to|errorDetail/);
  });
});

scenario('S-505 an archive that is added stays in its directory', async (world) => {
  await guarded(async ({ directory }) => {
    const archive = execFileSync('python3', ['-c', `import tarfile,io,sys
b=io.BytesIO(); t=tarfile.open(fileobj=b,mode='w')
def f(n,d=b'x'):
  i=tarfile.TarInfo(n); i.size=len(d); t.addfile(i,io.BytesIO(d))
def l(n,to,k=tarfile.SYMTYPE):
  i=tarfile.TarInfo(n); i.type=k; i.linkname=to; t.addfile(i)
f('fine'); l('d','${directory}'); f('d/new'); l('e','/'); f('e${directory}/new2'); f('${directory}/new4')
i=tarfile.TarInfo('d2'); i.type=tarfile.DIRTYPE; t.addfile(i); l('d2','${directory}'); f('d2/new5')
t.close(); sys.stdout.buffer.write(b.getvalue())`]);
    const context = world.context({ Dockerfile: 'FROM base\nADD a.tar /x/\nRUN test -f /x/fine\n' });
    writeFileSync(join(context, 'a.tar'), archive);
    const { code, stderr } = await world.build(context);
    rmSync(context, { recursive: true });
    assert.equal(code, 0, stderr);
  });
});

scenario('S-506 a repository is never an option, a program or a file', async (world) => {
  await guarded(async ({ directory, file }) => {
    for (const remote of ['file:///etc/.git', `ext::sh -c touch% ${directory}/made`, '-oProxyCommand=touch', `--upload-pack=touch ${directory}/made`, `ssh://-oProxyCommand=touch${directory}/made/x.git`, `git@-oProxyCommand=x:y.git`]) {
      const text = await classic(world, new Uint8Array(), `remote=${encodeURIComponent(remote)}`);
      // At once with a status, or in the stream once there is one.
      assert.match(text, /^\{"message":|errorDetail/, remote);
    }
    await world.fails(/ERROR/, { Dockerfile: `FROM base\nADD ssh://-oProxyCommand=touch${directory}/made/x.git /x\n` });
    await world.fails(/ERROR/, { Dockerfile: 'FROM base\nADD https://127.0.0.1:1/x.git#--upload-pack=touch /x\n' });
    await world.fails(/ERROR/, { Dockerfile: 'FROM base\nADD https://127.0.0.1:1/x.git#main:../../etc /x\n' });
    assert.ok(existsSync(file));
  });
});

scenario('S-507 a secret is in no layer, history, log, cache or file of the daemon', async (world) => {
  await guarded(async ({ file, canary }) => {
    const output = await world.ok({ Dockerfile: 'FROM base\nRUN --mount=type=secret,id=s test -s /run/secrets/s\nRUN --mount=type=secret,id=s,env=S test -n "$S"\nRUN --mount=type=secret,id=s,target=/deep/in/it test -s /deep/in/it\n' }, '--secret', `id=s,src=${file}`, '-t', 'secret:1');
    assert.doesNotMatch(output, new RegExp(canary));
    const { body } = await httpCall(world.daemon.socket, 'GET', '/images/secret:1/get');
    assert.equal(body.includes(canary), false);
    for (const place of [world.daemon.root, world.daemon.run]) assert.equal(holds(place, canary), false, place);
    assert.doesNotMatch(world.daemon.log, new RegExp(canary));
    assert.doesNotMatch(execFileSync('tar', ['-t'], { input: body, encoding: 'utf8' }), /secrets|deep/);
  });
});

function holds(directory: string, text: string): boolean {
  try {
    execFileSync('grep', ['-rlqaF', '--', text, directory], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

scenario('S-508 a build argument is not in the environment of the image', async (world) => {
  await world.ok({ Dockerfile: 'FROM base\nARG CANARY\nRUN test "$CANARY" = value-of-canary\nCMD ["env"]\n' }, '--build-arg', 'CANARY=value-of-canary', '-t', 'arg:1');
  assert.doesNotMatch(world.daemon.ok('run', '--rm', 'arg:1'), /value-of-canary/);
  assert.doesNotMatch(world.daemon.ok('image', 'inspect', '-f', '{{json .Config}}', 'arg:1'), /value-of-canary/);
});

scenario('S-509 a command of a build has the profile of a container', async (world) => {
  const probe = "grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|Seccomp|NoNewPrivs):' /proc/self/status; ls /proc/self/fd | wc -l; cat /proc/sys/kernel/core_pattern > /dev/null; (echo x > /proc/sys/kernel/core_pattern) 2>/dev/null || echo read-only; unshare -r true 2>/dev/null || echo no-userns";
  const output = await world.ok({ Dockerfile: `FROM base\nRUN ${probe}\nUSER 12\nRUN grep -E '^Cap(Eff|Prm)' /proc/self/status\n` }, '--no-cache');
  const said = output.split('\n').flatMap((line) => /^#\d+ [\d.]+ (.*)$/.exec(line)?.[1] ?? []);
  const expected = world.daemon.ok('run', '--rm', 'base', 'sh', '-c', probe).split('\n');
  assert.deepEqual(said.slice(0, expected.length), expected);
  assert.ok(said.includes('read-only') && said.includes('no-userns'), said.join('\n'));
  assert.deepEqual(said.slice(expected.length).map((line) => line.split(/\s+/)[1]), ['0000000000000000', '0000000000000000']);
});

scenario('S-509 more than that is refused unless the client allows it', async (world) => {
  await world.fails(/security\.insecure is not allowed/, { Dockerfile: 'FROM base\nRUN --security=insecure true\n' });
  await world.fails(/network\.host is not allowed/, { Dockerfile: 'FROM base\nRUN --network=host true\n' });
});

scenario('S-511 another frontend is refused, heredocs and triggers are sandboxed', async (world) => {
  await guarded(async ({ directory }) => {
    await world.fails(/not supported/, { Dockerfile: '# syntax=evil/frontend:1\nFROM base\n' });
    await world.fails(/not supported|ERROR/, { Dockerfile: 'FROM base\n' }, '--build-arg', 'BUILDKIT_SYNTAX=evil/frontend');
    await world.ok({ Dockerfile: `FROM base AS p\nONBUILD RUN mkdir -p ${directory} && touch ${directory}/made\nFROM p\nRUN <<EOF\n#!/bin/sh\ntouch ${directory}/also\nEOF\nCOPY <<EOF ${directory}/third\nx\nEOF\n` });
  });
});
