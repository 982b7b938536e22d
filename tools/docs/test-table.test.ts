import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** A row of a page that names what proves something. */
interface TestRow {
  readonly what: string;
  /** Path in the repository. */
  readonly file: string;
  /** The title of a test, or its beginning where the rest is put in when it runs. */
  readonly title: string;
}

/** Rows of the tables `| what | test | title |` of a page in Markdown. */
function testRows(page: string): TestRow[] {
  return page.split('\n').flatMap((line) => {
    const match = /^\| (.+?) \| `([^`]+)` \| (.+?) \|$/.exec(line);
    return match === null ? [] : [{ what: match[1] ?? '', file: match[2] ?? '', title: match[3] ?? '' }];
  });
}

/** Whether a source has a test of the title: a literal in any of the quotes that languages have, or the beginning of one that goes on with a value. */
function hasTitle(source: string, title: string): boolean {
  const plain = source.replaceAll("\\'", "'");
  return ["'", '"', '`'].some((quote) => plain.includes(quote + title + quote)) || ['', ' '].some((gap) => plain.includes(`\`${title}${gap}\${`));
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

for (const [name, atLeast] of [['docs/engine-tests.md', 100], ['docs/build-tests.md', 80], ['docs/cluster-tests.md', 80], ['docs/image-tests.md', 120], ['docs/compose-tests.md', 110]] as const) {
  test(`every test that ${name} names is there`, () => {
    const rows = testRows(read(name));
    assert.ok(rows.length >= atLeast, `${rows.length} rows`);
    const missing = rows.filter(({ file, title }) => !existsSync(new URL(`../../${file}`, import.meta.url)) || !hasTitle(read(file), title));
    assert.deepEqual(missing, []);
  });

  test(`every row of ${name} is read as one`, () => {
    const lines = read(name).split('\n').filter((line) => line.startsWith('|') && !/^\| (what|---) \|/.test(line));
    assert.deepEqual(lines.filter((line) => testRows(line).length !== 1), []);
  });
}

test('a title is found in any quotes, and nowhere else', () => {
  assert.deepEqual(testRows('| what | test | title |\n| --- | --- | --- |\n| `-p`, `-P` | `a/b.test.ts` | it works |\n'), [{ what: '`-p`, `-P`', file: 'a/b.test.ts', title: 'it works' }]);
  assert.ok(hasTitle("test('it can\\'t be', () => {})", "it can't be"));
  assert.ok(hasTitle('    """it works"""', 'it works'));
  assert.ok(hasTitle('test(`it works: ${name}`)', 'it works:'));
  assert.ok(!hasTitle("test('that it works')", 'it works'));
  assert.ok(!hasTitle("test('it works as well')", 'it works'));
  assert.ok(!hasTitle("// it works", 'it works'));
});
