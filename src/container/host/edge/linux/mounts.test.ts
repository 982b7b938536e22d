import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseMountinfo } from './mountinfo.ts';
import { bindMount, mount, setPropagation, unmount } from './mounts.ts';
import { enterPrivateMounts } from './namespaces.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
if (skip === false) enterPrivateMounts();
const scratch = mkdtempSync(join(tmpdir(), 'gantry-mounts-'));
after(() => rmSync(scratch, { recursive: true }));

const place = (name: string): string => {
  const path = join(scratch, name);
  mkdirSync(path);
  return path;
};
const entryAt = (path: string) => parseMountinfo(readFileSync('/proc/thread-self/mountinfo', 'utf8')).findLast(({ target }) => target === path);

test('a file system with flags and data', { skip }, () => {
  const target = place('tmpfs with space');
  mount({ type: 'tmpfs', source: 'shm', target, flags: ['nosuid', 'nodev', 'noexec'], data: 'size=65536k,mode=1777' });
  const entry = entryAt(target);
  assert.equal(entry?.source, 'shm');
  assert.deepEqual(entry?.options.slice(0, 4), ['rw', 'nosuid', 'nodev', 'noexec']);
  assert.ok(entry?.superOptions.includes('size=65536k'));
  unmount(target);
  assert.equal(entryAt(target), undefined);
});

test('a read-only bind refuses writes', { skip }, () => {
  const [source, target] = [place('source'), place('target')];
  bindMount(source, target, { flags: ['ro', 'nosuid'] });
  assert.throws(() => writeFileSync(join(target, 'x'), ''), { code: 'EROFS' });
  writeFileSync(join(source, 'x'), '');
  unmount(target);
});

test('propagation', { skip }, () => {
  const target = place('shared');
  mount({ type: 'tmpfs', target });
  setPropagation(target, 'shared');
  assert.equal(typeof entryAt(target)?.propagation.shared, 'number');
  setPropagation(target, 'rprivate');
  assert.deepEqual(entryAt(target)?.propagation, { unbindable: false });
  unmount(target);
});

test('a busy mount goes only when detached', { skip }, () => {
  const target = place('busy');
  mount({ type: 'tmpfs', target });
  process.chdir(target);
  assert.throws(() => unmount(target), { kind: 'conflict' });
  unmount(target, { detach: true });
  process.chdir('/');
});

test('unmounting does not follow a symbolic link', { skip }, () => {
  const target = place('behind');
  mount({ type: 'tmpfs', target });
  const link = join(scratch, 'link');
  symlinkSync(target, link);
  assert.throws(() => unmount(link), { kind: 'invalid' });
  unmount(target);
});

test('errors name what was to be mounted where', { skip }, () => {
  assert.throws(() => mount({ type: 'nosuchfs', target: scratch }), { kind: 'not-found', message: /mount nosuchfs at .*ENODEV/ });
  assert.throws(() => bindMount('/no/such/path', scratch), { kind: 'not-found', message: /bind \/no\/such\/path/ });
});
