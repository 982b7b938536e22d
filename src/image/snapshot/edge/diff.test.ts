import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ChainId } from '#image/oci/chain-id.ts';
import { byteStringToText } from '#image/oci/tar/byte-string.ts';
import { archive, member } from '#image/oci/tar/forge.ts';
import { TarReader } from '#image/oci/tar/reader.ts';
import { collect, failsWith, streamOf } from '../contract.ts';
import type { OverlayMount } from '../port.ts';
import type { OverlaySnapshots } from './overlay-snapshots.ts';
import { NEEDS_ROOT, testRoot } from './_test-root.ts';

// Changes are made through a real overlay, in a mount namespace that goes with the shell.
const root = testRoot();
const needsRoot = NEEDS_ROOT === undefined ? {} : { skip: NEEDS_ROOT };

const base = archive(
  member({ name: './', type: 'directory' }), member({ name: 'etc/', type: 'directory' }), member({ name: 'etc/passwd', body: 'root' }), member({ name: 'etc/shadow', body: 's', mode: 0o600 }),
  member({ name: 'dir/', type: 'directory' }), member({ name: 'dir/a', body: 'a' }), member({ name: 'dir/b', body: 'b' }), member({ name: 'old/', type: 'directory' }), member({ name: 'old/x', body: 'x' }),
  member({ name: 'link', type: 'symlink', linkName: 'etc' }),
);

function options({ lower, upper, work, options: extra }: OverlayMount): string {
  return [`lowerdir=${lower.join(':')}`, `upperdir=${upper}`, `workdir=${work}`, ...extra].join(',');
}

/** Runs a script in the merged view. */
function inside(mount: OverlayMount, script: string): string {
  return execFileSync('unshare', ['-m', 'sh', '-ec', 'mount -t overlay -o "$1" none "$2"; cd "$2"; eval "$3"', 'sh', options(mount), mount.target, script]).toString();
}

async function prepared(snapshots: OverlaySnapshots, id: string): Promise<{ mount: OverlayMount; chain: ChainId }> {
  const { chain } = await snapshots.unpack(streamOf(base));
  return { mount: await snapshots.prepare(id, [chain]), chain };
}

function list(tar: Uint8Array): string[] {
  const lines: string[] = [];
  const reader = new TarReader({
    raw: () => undefined,
    entry: ({ type, name, linkName, size, mode, uid }) => {
      lines.push([type, byteStringToText(name), ...(linkName === '' ? [] : [`-> ${byteStringToText(linkName)}`]), ...(size === 0 ? [] : [size]), ...(mode === 0o644 || mode === 0o755 || type === 'symlink' ? [] : [`0${mode.toString(8)}`]), ...(uid === 0 ? [] : [uid])].join(' '));
    },
    data: () => undefined,
    entryEnd: () => undefined,
  });
  reader.push(tar);
  reader.end();
  return lines;
}

test('what a container changed, as Docker would archive it', needsRoot, async () => {
  const snapshots = await root.open();
  const { mount } = await prepared(snapshots, 'box');
  inside(mount, `
    rm etc/shadow; rm -r dir; mkdir dir; echo new > dir/c; rm -r old; echo flat > old
    echo more >> etc/passwd; chown 1000 etc/passwd; chmod 4755 etc/passwd
    mkdir -m 1777 made; printf 12345 > made/f; ln made/f made/g; ln -s /nowhere made/s; mkfifo made/p; mknod made/n c 1 3
    ln -sfn usr link; touch made/$(printf 'n%.0s' $(seq 200))
  `);
  assert.deepEqual(list(await collect(snapshots.diff('box'))), [
    'directory dir/', 'file dir/.wh..wh..opq 00', 'file dir/c 4', 'directory etc/', 'file etc/passwd 9 04755 1000', 'file etc/.wh.shadow 00',
    'symlink link -> usr', 'directory made/ 01777', 'file made/f 5', 'hardlink made/g -> made/f', 'character made/n', `file made/${'n'.repeat(200)}`, 'fifo made/p', 'symlink made/s -> /nowhere',
    'file old 5',
  ]);
});

test('a commit shows the same as the container did', needsRoot, async () => {
  const snapshots = await root.open();
  const { mount, chain } = await prepared(snapshots, 'box');
  const change = 'rm etc/shadow; rm -r dir; mkdir dir; echo new > dir/c; rm -r old; echo flat > old; mkdir -p deep/er; echo x > deep/er/f; chmod 700 etc';
  const show = "find . -printf '%P %y %m %U %s\\n' | sort; cat dir/c old etc/passwd";
  const seen = inside(mount, `${change}; ${show}`);
  const committed = await snapshots.commit('box', chain);
  assert.equal(committed.parent, chain);
  const again = await snapshots.prepare('again', [chain, committed.chain]);
  const sizes = /^(\S* d \d+ \d+) \d+$/gm;
  assert.equal(inside(again, show).replace(sizes, '$1'), seen.replace(sizes, '$1'));
});

test('the same changes give the same bytes', needsRoot, async () => {
  const snapshots = await root.open();
  const { chain } = await snapshots.unpack(streamOf(base));
  const outputs: Buffer[] = [];
  // Fractions of a second are not part of a layer.
  for (const [id, order, time] of [['one', 'a b c', '1000.25'], ['two', 'c a b', '1000.5']] as const) {
    inside(await snapshots.prepare(id, [chain]), `for f in ${order}; do echo $f > $f; touch -d @${time} $f; done`);
    outputs.push(await collect(snapshots.diff(id)));
  }
  assert.deepEqual(outputs[0], outputs[1]);
});

test('a layer of a layer: whiteouts and opaque directories hide what is below', needsRoot, async () => {
  const snapshots = await root.open();
  const below = await snapshots.unpack(streamOf(base));
  const top = await snapshots.unpack(streamOf(archive(
    member({ name: 'etc/.wh.passwd' }), member({ name: 'dir/.wh..wh..opq' }), member({ name: 'dir/c', body: 'c' }), member({ name: '.wh.old' }),
    member({ name: 'd', type: 'directory', xattrs: { 'trusted.overlay.redirect': Buffer.from('/etc') } }),
  ), { parent: below.chain }));
  const mount = await snapshots.prepare('box', [below.chain, top.chain]);
  assert.equal(inside(mount, 'ls -A . etc dir d'), '.:\nd\ndir\netc\nlink\n\nd:\n\ndir:\nc\n\netc:\nshadow\n');
});

test('a file that looks like a whiteout cannot be committed', needsRoot, async () => {
  const snapshots = await root.open();
  const { mount } = await prepared(snapshots, 'box');
  writeFileSync(join(mount.upper, '.wh.x'), '');
  await assert.rejects(collect(snapshots.diff('box')), failsWith('invalid', /cannot be part of a layer/));
});

test('S-401: a tree that changes under it never leads it out', needsRoot, async () => {
  const snapshots = await root.open();
  const { mount } = await prepared(snapshots, 'box');
  const secret = join(root.path, 'secret');
  writeFileSync(secret, 'SECRET'.repeat(1000));
  inside(mount, 'mkdir d; echo f > d/secret');
  // Swaps a directory and a link to the directory of the secret, as fast as it can.
  const attacker = spawn('sh', ['-c', `cd ${mount.upper} && ln -s ${root.path} l && while :; do mv -T d x && mv -T l d && mv -T d l && mv -T x d; done`], { stdio: 'ignore' });
  try {
    for (let run = 0; run < 5; run += 1) {
      const tar = await collect(snapshots.diff('box')).catch(() => Buffer.alloc(0));
      assert.equal(tar.includes('SECRET'), false);
    }
  } finally {
    attacker.kill('SIGKILL');
    await once(attacker, 'exit');
  }
});

test('a reader that goes away ends the process behind the stream', needsRoot, async () => {
  const snapshots = await root.open();
  const { mount } = await prepared(snapshots, 'box');
  inside(mount, 'head -c 20000000 /dev/zero > big');
  for await (const chunk of snapshots.diff('box')) {
    assert.ok(chunk.length > 0);
    break;
  }
  assert.equal((await collect(snapshots.diff('box'))).length > 20_000_000, true);
});

test('what Docker puts into each container is there, and no change of it', needsRoot, async () => {
  const snapshots = await root.open();
  const plain = await snapshots.unpack(streamOf(archive(member({ name: 'etc/', type: 'directory', mode: 0o750, uid: 7 }), member({ name: 'etc/passwd', body: 'root' }))));
  const mount = await snapshots.prepare('as-docker', [plain.chain], { asDocker: true });
  assert.equal(inside(mount, 'stat -c "%F %a %u" .dockerenv etc; readlink etc/mtab; cat etc/passwd'), 'regular empty file 755 0\ndirectory 750 7\n/proc/mounts\nroot');
  assert.deepEqual(list(await collect(snapshots.diff('as-docker'))), ['directory etc/ 0750 7']);
  const own = await snapshots.unpack(streamOf(archive(member({ name: '.dockerenv', body: 'x' }), member({ name: 'etc/', type: 'directory' }), member({ name: 'etc/mtab', body: 'mine' }))));
  const kept = await snapshots.prepare('with-its-own', [own.chain], { asDocker: true });
  assert.equal(inside(kept, 'cat etc/mtab .dockerenv'), 'mine');
  assert.deepEqual(list(await collect(snapshots.diff('with-its-own'))), []);
  const linked = await snapshots.unpack(streamOf(archive(member({ name: 'etc', type: 'symlink', linkName: '/' }))));
  assert.equal(inside(await snapshots.prepare('linked', [linked.chain], { asDocker: true }), 'readlink etc; ls -A'), '/\n.dockerenv\netc\n');
});
