import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { enterPrivateMounts } from './linux/namespaces.ts';
import { unmountVolume, VolumeMounts, withAddress } from './volume-mounts.ts';

const skip = process.getuid?.() !== 0 && 'needs root';
const scratch = mkdtempSync(join(tmpdir(), 'gantry-mounts-'));
// Before anything asynchronous, as a program does it.
if (skip === false) enterPrivateMounts();
after(() => rmSync(scratch, { recursive: true }));

const step = (path: string, type: string, device: string, options = '') => ({ kind: 'mount-volume', cause: '', path, type, device, options }) as const;

test('a server is named by its address, whatever the options call it', async () => {
  const of = (type: string, device: string, options: string): Promise<string> => withAddress({ type, device, options }, async (name) => `address-of-${name}`);
  assert.equal(await of('nfs', ':/export', 'addr=files.lan,nfsvers=4,ro'), 'nfsvers=4,ro,addr=address-of-files.lan');
  assert.equal(await of('nfs4', ':/export', 'addr=192.0.2.7,soft'), 'addr=192.0.2.7,soft');
  assert.equal(await of('nfs', ':/export', 'addr=2001:db8::7'), 'addr=2001:db8::7');
  assert.equal(await of('cifs', '//files.lan/share', 'username=me'), 'username=me,addr=address-of-files.lan');
  assert.equal(await of('cifs', '//192.0.2.7/share', 'username=me'), 'username=me');
  assert.equal(await of('ext4', '/dev/vdb', 'addr=files.lan'), 'addr=files.lan', 'no business of ours');
  await assert.rejects(withAddress({ type: 'nfs', device: ':/x', options: 'addr=no-such-host.invalid' }), /error resolving passed in network volume address: lookup no-such-host\.invalid: no such host/);
});

test('a file system that is not in memory is mounted in our namespace by a process of its own, once', { skip }, async () => {
  const path = join(scratch, 'volume');
  mkdirSync(path);
  const mounts = new VolumeMounts();
  // Any type but tmpfs goes that way; this one every kernel has.
  await Promise.all([mounts.mount(step(path, 'ramfs', 'ramfs', 'nosuid,mode=750')), mounts.mount(step(path, 'ramfs', 'ramfs', 'nosuid,mode=750'))]);
  await mounts.mount(step(path, 'ramfs', 'ramfs'));
  const mounted = readFileSync('/proc/thread-self/mountinfo', 'utf8').split('\n').filter((line) => line.includes(` ${path} `));
  assert.equal(mounted.length, 1);
  assert.match(mounted[0] ?? '', /nosuid.* - ramfs ramfs rw,mode=750/);
  unmountVolume({ kind: 'unmount-volume', cause: '', path });
  await assert.rejects(mounts.mount(step(path, 'nosuchfs', ':/x', 'password=secret')), (error: Error) => /mount :\/x:.*: no such device: this kernel has no file system of type nosuchfs$/.test(error.message) && !/secret/.test(error.message));
  await assert.rejects(mounts.mount(step(join(scratch, 'none'), 'ramfs', 'ramfs')), /failed to mount local volume: mount ramfs:.*\/none: no such file or directory$/);
});
