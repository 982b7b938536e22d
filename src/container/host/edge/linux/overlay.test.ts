import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { mount, unmount } from './mounts.ts';
import { enterPrivateMounts } from './namespaces.ts';
import { mountOverlay, overlayOptions } from './overlay.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';
const scratch = mkdtempSync(join(tmpdir(), 'gantry-overlay-'));
if (skip === false) {
  enterPrivateMounts();
  mount({ type: 'tmpfs', target: scratch });
}
after(() => {
  if (skip === false) unmount(scratch, { detach: true });
  rmSync(scratch, { recursive: true });
});

function layer(...path: readonly string[]): string {
  const directory = join(scratch, ...path);
  mkdirSync(directory, { recursive: true });
  return directory;
}

test('options, with what overlayfs splits at escaped', () => {
  assert.equal(
    overlayOptions({ target: '/m', lower: ['/a:b', '/c,d', '/e\\f'], writable: { upper: '/u,1', work: '/w' }, extra: ['index=off'] }),
    'lowerdir=/a\\:b:/c\\,d:/e\\\\f,upperdir=/u\\,1,workdir=/w,index=off');
});

test('odd names reach the kernel as they are', { skip }, () => {
  const lower = [layer('odd', 'a:b,c\\d e'), layer('odd', 'plain')];
  writeFileSync(join(lower[0] ?? '', 'from-odd'), '');
  const writable = { upper: layer('odd', 'up,p:er\\'), work: layer('odd', 'wo,rk') };
  const target = layer('odd', 'merged');
  mountOverlay({ target, lower, writable });
  writeFileSync(join(target, 'written'), '');
  assert.deepEqual(readdirSync(target).toSorted(), ['from-odd', 'written']);
  assert.ok(existsSync(join(writable.upper, 'written')));
  unmount(target);
});

test('more layers than fit into a page of options, with odd names', { skip }, (t) => {
  const lower = Array.from({ length: 120 }, (_, index) => {
    const directory = layer('many', `${'long-name-'.repeat(5)}:${index}`);
    writeFileSync(join(directory, 'top'), String(index));
    writeFileSync(join(directory, `file-${index}`), '');
    return directory;
  });
  const target = layer('many', 'merged');
  assert.ok(overlayOptions({ target, lower }).length > 4096);
  try {
    mountOverlay({ target, lower, writable: { upper: layer('many', 'upper,'), work: layer('many', 'work:') }, extra: ['index=off', 'userxattr'] });
  } catch (thrown) {
    if (/cannot take them one by one/.test(String(thrown))) return t.skip('needs Linux 6.8');
    throw thrown;
  }
  assert.equal(readdirSync(target).filter((name) => name.startsWith('file-')).length, 120);
  assert.equal(readFileSync(join(target, 'top'), 'utf8'), '0');
  unmount(target);
});

test("a refusal carries the kernel's own words", { skip }, () => {
  const lower = Array.from({ length: 120 }, (_, index) => layer('wrong', `${'long-name-'.repeat(5)}${index}`));
  assert.throws(() => mountOverlay({ target: layer('wrong', 'merged'), lower, extra: ['nosuch=1'] }),
    { message: /nosuch.*fsconfig: EINVAL/s });
});
