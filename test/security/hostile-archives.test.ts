import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { busyboxPlus, busyboxTar, whyNoImage } from '../world/busybox.ts';
import { TestDaemon } from '../world/daemon.ts';
import { findDockerCli } from '../../tools/test-run/docker-cli.ts';
import { forgeTar, type ForgedEntry } from '../world/forge.ts';
import { residentBytes } from '../world/resident-bytes.ts';
import { Untouched } from '../world/untouched.ts';
import { eventually } from '../world/waiting.ts';

/*
 * Archives that say one thing and are another. Nothing outside of an image is touched, the daemon goes on, and what is refused
 * leaves nothing.
 */

const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const MIB = 1024 * 1024;

let daemon: TestDaemon;
let untouched: Untouched | undefined;
let outside: string;
let sentinel: string;

function image(name: string, entries: readonly ForgedEntry[]) {
  return daemon.dockerWith({ input: forgeTar(entries) }, 'import', '-', name);
}

/** Busybox with more entries after it, as one layer. */
function busyboxWith(name: string, entries: readonly ForgedEntry[], ...changes: readonly string[]) {
  return daemon.dockerWith({ input: busyboxPlus(entries) }, 'import', ...changes.flatMap((change) => ['-c', change]), '-', name);
}

describe('images that lie', { skip, timeout: 240_000 }, () => {
  let pid: number;

  before(async () => {
    daemon = await TestDaemon.start();
    pid = daemon.pid;
    untouched = new Untouched(daemon);
    ({ outside, sentinel } = untouched);
  });

  after(async () => {
    await daemon?.destroy();
    untouched?.remove();
  });

  beforeEach(() => untouched?.begin());

  afterEach(() => untouched?.check());

  test('layers that reach out of their root', () => {
    const up = '../'.repeat(12);
    const hostile: readonly (readonly ForgedEntry[])[] = [
      [{ name: `${up}${sentinel.slice(1)}`, data: 'changed' }],
      [{ name: sentinel, data: 'changed' }],
      [{ name: 'a/../../../../../../../../..' + sentinel, data: 'changed' }],
      [{ name: 'way', type: '2', link: outside }, { name: 'way/new', data: 'made' }],
      [{ name: 'way', type: '2', link: `${up}${outside.slice(1)}` }, { name: 'way/new', data: 'made' }],
      [{ name: 'hard', type: '1', link: sentinel }, { name: 'hard', data: 'changed' }],
      [{ name: 'hard', type: '1', link: `${up}${sentinel.slice(1)}` }],
      [{ name: 'way', type: '2', link: outside }, { name: 'hard', type: '1', link: 'way/sentinel' }, { name: 'hard', data: 'changed', mode: 0o777 }],
      [{ name: 'way', type: '2', link: '/proc/self/cwd' }, { name: 'way/new', data: 'made' }],
      [{ name: 'dir', type: '5' }, { name: 'dir', type: '2', link: outside }, { name: 'dir/sentinel', data: 'changed' }],
      [{ name: 'dir', type: '2', link: outside }, { name: 'dir', type: '5', mode: 0o777 }, { name: 'dir/.wh.sentinel' }],
      [{ name: 'dir', type: '2', link: outside }, { name: 'dir/.wh..wh..opq' }],
      [{ name: `.wh.${up}sentinel` }, { name: '.wh...' }, { name: '.wh..' }],
      [{ name: 'file', data: 'x', pax: { path: `${up}${sentinel.slice(1)}` } }],
    ];
    for (const [index, entries] of hostile.entries()) {
      const ran = image(`hostile-${index}`, entries);
      assert.doesNotMatch(ran.err, /\n\s+at /, ran.err);
      if (ran.code !== 0) assert.match(ran.err, /\S/);
    }
    for (const [index] of hostile.entries()) daemon.docker('rmi', `hostile-${index}`);
  });

  test('device nodes open nothing, and marks of the overlay have no effect', () => {
    const ran = busyboxWith('marks', [
      { name: 'disk', type: '4', major: 7, minor: 0, mode: 0o666 }, { name: 'memory', type: '3', major: 1, minor: 1, mode: 0o666 },
      { name: 'redirected', type: '5', pax: { 'SCHILY.xattr.trusted.overlay.redirect': '/etc', 'SCHILY.xattr.trusted.overlay.opaque': 'y', 'SCHILY.xattr.user.overlay.opaque': 'y' } },
      { name: 'metacopy', data: '', pax: { 'SCHILY.xattr.trusted.overlay.metacopy': '', 'SCHILY.xattr.trusted.overlay.redirect': '/etc/passwd' } },
    ]);
    if (ran.code !== 0) return;
    const seen = daemon.docker('run', '--rm', 'marks', 'sh', '-c', 'dd if=/disk of=/dev/null bs=1 count=1 2>/dev/null && echo disk; dd if=/memory of=/dev/null bs=1 count=1 2>/dev/null && echo memory; ls /redirected; cat /metacopy; echo end');
    assert.equal(seen.out.trim(), 'end', seen.err);
    daemon.ok('rmi', 'marks');
  });

  test('archives that are cut short, lie or are none', async () => {
    const cut = readFileSync(busyboxTar()).subarray(0, 700_001);
    for (const [name, bytes] of [['cut', cut], ['text', Buffer.from('this is no archive'.repeat(100))], ['gzip', Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(4000, 7)])], ['long', forgeTar([{ name: 'a', data: 'x', size: 8 ** 10 }])], ['cut gzip', gzipSync(cut).subarray(0, 9000)]] as const) {
      for (const [verb, ...more] of [['import', '-', 'lies'], ['load']] as const) {
        const ran = daemon.dockerWith({ input: bytes }, verb, ...more);
        assert.notEqual(ran.code, 0, `${verb} of ${name}: ${ran.out}`);
        assert.match(ran.err, /archive|tar|gzip|header|ends|end of|layer|manifest/i, `${verb} of ${name}: ${ran.err}`);
        assert.doesNotMatch(ran.err, /\n\s+at /);
      }
    }
    assert.equal(daemon.ok('images', '-q', 'lies'), '');
  });

  test('loads whose parts don\'t belong together', async () => {
    const layer = forgeTar([{ name: 'file', data: 'layer' }]);
    const diffId = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
    const configOf = (...diffIds: readonly string[]): string => JSON.stringify({ architecture: 'amd64', os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } });
    const archive = (manifest: unknown, config: string, more: readonly ForgedEntry[] = [{ name: 'layer.tar', data: layer }]): Buffer =>
      forgeTar([{ name: 'config.json', data: config }, ...more, { name: 'manifest.json', data: typeof manifest === 'string' ? manifest : JSON.stringify(manifest) }]);
    const good = [{ Config: 'config.json', RepoTags: ['forged:1'], Layers: ['layer.tar'] }];
    assert.equal(daemon.dockerWith({ input: archive(good, configOf(diffId)) }, 'load').code, 0);
    daemon.ok('rmi', 'forged:1');
    const layers = (): string[] => readdirSync(`${daemon.root}/snapshots/layers`).filter((name) => !name.startsWith('.')).sort();
    const before = layers();
    const wrong: readonly (readonly [string, Buffer])[] = [
      ['digest', archive(good, configOf(`sha256:${'0'.repeat(64)}`))],
      ['digest syntax', archive(good, configOf('sha256:../../x'))],
      ['missing layer', archive(good, configOf(diffId), [])],
      ['missing config', archive([{ ...good[0], Config: 'nosuch.json' }], configOf(diffId))],
      ['layer with ..', archive([{ ...good[0], Layers: ['../../../../etc/hostname'] }], configOf(diffId))],
      ['config with ..', archive([{ ...good[0], Config: `${'../'.repeat(12)}${sentinel.slice(1)}` }], configOf(diffId))],
      ['layer a link', archive(good, configOf(diffId), [{ name: 'layer.tar', type: '2', link: sentinel }])],
      ['layer a FIFO', archive(good, configOf(diffId), [{ name: 'layer.tar', type: '6' }])],
      ['too few layers', archive([{ ...good[0], Layers: [] }], configOf(diffId))],
      ['too many layers', archive([{ ...good[0], Layers: ['layer.tar', 'layer.tar'] }], configOf(diffId))],
      ['last of many layers', archive([{ ...good[0], Layers: Array.from({ length: 8 }, () => 'layer.tar') }], configOf(...Array.from({ length: 7 }, () => diffId), `sha256:${'0'.repeat(64)}`))],
      ['tag', archive([{ ...good[0], RepoTags: ['../../x:1'] }], configOf(diffId))],
      ['manifest types', archive([{ Config: 1, RepoTags: 'x', Layers: {} }], configOf(diffId))],
      ['manifest text', archive('{', configOf(diffId))],
      ['config text', archive(good, '{')],
      ['no manifest', forgeTar([{ name: 'layer.tar', data: layer }])],
    ];
    for (const [name, bytes] of wrong) {
      const ran = daemon.dockerWith({ input: bytes }, 'load');
      assert.notEqual(ran.code, 0, `${name}: ${ran.out}`);
      assert.match(ran.err, /\S/, name);
      assert.doesNotMatch(ran.err, /\n\s+at |undefined|Cannot read/, name);
    }
    assert.equal(daemon.ok('images', '-q', 'forged'), '');
    await eventually('no layer of them stays', layers, (names) => names.join() === before.join());
  });

  test('a gzip bomb costs no memory, and the disk is as before', () => {
    const before = residentBytes(pid);
    // 512 MiB of zeros are half a megabyte of gzip.
    const zeros = gzipSync(Buffer.alloc(64 * MIB));
    const head = gzipSync(forgeTar([{ name: 'zeros', size: 512 * MIB, data: '' }], { end: false }));
    const bomb = Buffer.concat([head, ...Array.from({ length: 8 }, () => zeros), gzipSync(Buffer.alloc(1024))]);
    const ran = daemon.dockerWith({ input: bomb }, 'import', '-', 'bomb');
    assert.ok(residentBytes(pid) - before < 64 * MIB, `${(residentBytes(pid) - before) / MIB} MiB more`);
    if (ran.code === 0) daemon.ok('rmi', 'bomb');
  });
});
