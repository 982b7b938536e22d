import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isKind } from '#base/error.ts';
import { entryPath } from './entry-path.ts';
import { bytesToByteString, textToByteString } from './tar/byte-string.ts';

/** S-101: undefined where the name is to be refused. */
const corpus: [name: string, path: string | undefined][] = [
  ['a', 'a'], ['a/b', 'a/b'], ['./a', 'a'], ['a/', 'a'], ['a//b', 'a/b'], ['a/./b', 'a/b'], ['.', ''], ['./', ''], ['/', ''], ['//', ''],
  ['/a', 'a'], ['//a', 'a'], ['///etc//passwd', 'etc/passwd'], ['/./a', 'a'],
  ['a/..', ''], ['a/../b', 'b'], ['a/b/../c', 'a/c'], ['a//../b', 'b'], ['a/b/../../c', 'c'], ['a/.//..//b', 'b'],
  ['..', undefined], ['../', undefined], ['../x', undefined], ['/..', undefined], ['/../x', undefined], ['./../x', undefined], ['a/../../x', undefined],
  ['a/../..', undefined], ['a//../../..', undefined], ['a/b/../../../x', undefined], ['a/./../../x', undefined], ['.//..//x', undefined],
  ['../../../../../../etc/shadow', undefined], ['a/../../../../etc/shadow', undefined], ['/../../etc/shadow', undefined],
  ['', undefined], ['a\0b', undefined], ['\0', undefined], ['a/\0', undefined], ['../\0', undefined],
  ['...', '...'], ['a/.../b', 'a/.../b'], ['..a', '..a'], ['a..', 'a..'], ['.a', '.a'], ['. ', '. '], [' ..', ' ..'], ['.. /x', '.. /x'],
  ['\\..\\x', '\\..\\x'], ['..\\x', '..\\x'], ['C:\\x', 'C:\\x'], ['C:/x', 'C:/x'], ['%2e%2e/x', '%2e%2e/x'], ['~/x', '~/x'], ['-rf', '-rf'], ['a\nb', 'a\nb'], ['*', '*'],
  ['.\u200b./x', '.\u200b./x'], ['\uff0e\uff0e/x', '\uff0e\uff0e/x'], ['a\u2215b', 'a\u2215b'], ['é', 'é'], ['e\u0301', 'e\u0301'], ['ß', 'ß'],
  ['proc/self/cwd/../x', 'proc/self/x'], ['x'.repeat(255), 'x'.repeat(255)], ['x'.repeat(256), undefined],
  ['d/'.repeat(2047), 'd/'.repeat(2047).slice(0, -1)], ['d/'.repeat(2049), undefined], [`${'../'.repeat(1000)}x`, undefined],
];

for (const [name, path] of corpus) {
  test(`${JSON.stringify(name.slice(0, 40))} ${path === undefined ? 'is refused' : `is ${JSON.stringify(path.slice(0, 40))}`}`, () => {
    if (path === undefined) assert.throws(() => entryPath(textToByteString(name)), (error) => isKind(error, 'invalid'));
    else assert.equal(entryPath(textToByteString(name)), textToByteString(path));
  });
}

test('bytes that are no UTF-8 stay as they are, and no overlong form means a dot or a slash', () => {
  for (const bytes of [[0xff, 0x2f, 0xfe], [0xc0, 0xae, 0xc0, 0xae, 0x2f, 0x78], [0x61, 0xc0, 0xaf, 0x62]]) {
    const name = bytesToByteString(Uint8Array.from(bytes));
    assert.equal(entryPath(name), name);
  }
});

test('never answers a path that leads out', () => {
  const part = fc.constantFrom('', '.', '..', 'a', 'b', '...', '..a');
  fc.assert(fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
    let path: string;
    try {
      path = entryPath(textToByteString(parts.join('/')));
    } catch {
      return;
    }
    assert.ok(path === '' || path.split('/').every((component) => component !== '' && component !== '.' && component !== '..'), path);
  }));
});
