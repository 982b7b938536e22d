import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DockerfileError } from '../dockerfile-error.ts';
import { detectSyntax, directivesOf } from './directive.ts';
import { contentOf, parseHeredoc } from './heredoc.ts';
import type { Heredoc } from './node.ts';
import { parseDockerfile } from './parse-dockerfile.ts';

const heredoc = (fields: Partial<Heredoc>): Heredoc => ({ name: 'EOF', descriptor: 0, expands: true, chomps: false, content: '', ...fields });
const only = (text: string) => parseDockerfile(text).nodes[0]!;

describe('heredocs', () => {
  for (const [text, expected] of [
    ['RUN <<EOF\nEOF\n', [heredoc({})]],
    ['RUN 3<<EOF\nx\nEOF', [heredoc({ descriptor: 3, content: 'x\n' })]],
    ['RUN "<<EOF"\n', []],
    ['USER <<EOF\n', []],
    ['RUN ["<<EOF"]\n', []],
    ['RUN <<EOF\n\ta\r\nEOF\r\n', [heredoc({ content: '\ta\r\n' })]],
    ['RUN <<-EOF\n\ta\n\t\tEOF\n', [heredoc({ chomps: true, content: '\ta\n' })]],
    ["RUN <<-'EOF'\n$x\nEOF\n", [heredoc({ chomps: true, expands: false, content: '$x\n' })]],
    ['RUN <<EOF\n# no comment\\\n\nEOF\n', [heredoc({ content: '# no comment\\\n\n' })]],
    ['RUN --mount=type=cache,target=/x <<EOF\nEOF\n', [heredoc({})]],
    ['COPY <<a.txt <<"b c" /d/\nA\na.txt\nB\nb c\n', [heredoc({ name: 'a.txt', content: 'A\n' }), heredoc({ name: 'b c', expands: false, content: 'B\n' })]],
    ['COPY <<X <<Y /d\nY\nX\nX\nY\n', [heredoc({ name: 'X', content: 'Y\n' }), heredoc({ name: 'Y', content: 'X\n' })]],
    ['RUN <<EOF python3\nprint()\nEOF\n', [heredoc({ content: 'print()\n' })]],
    ["RUN <<E'O'F\nEOF\n", [heredoc({ expands: false })]],
    ["RUN <<EO\\'F\nEO'F\n", [heredoc({ name: "EO'F" })]],
    ['RUN <<$EOF\n$EOF\n', [heredoc({ name: '$EOF' })]],
    ['RUN <<  EOF  > foo\nEOF\n', [heredoc({})]],
    ['RUN cat <<<EOF\n', []],
    ['ONBUILD RUN <<EOF\na\nEOF\n', [heredoc({ content: 'a\n' })]],
    ['RUN echo \\\n  <<EOF\nEOF\n', [heredoc({})]],
    ["RUN echo 'it <<EOF\n", []],
  ] as const) {
    test(JSON.stringify(text), () => assert.deepEqual(only(text).heredocs, expected));
  }

  test('lines are counted to the end of the document', () => {
    const { nodes } = parseDockerfile('FROM a\nRUN <<EOF\nx\ny\nEOF\nRUN z\n');
    assert.deepEqual(nodes.map(({ lines }) => lines), [{ start: 1, end: 1 }, { start: 2, end: 5 }, { start: 6, end: 6 }]);
  });

  test('leading tabs go from each line, and from nothing else', () => {
    assert.equal(contentOf({ content: '\t\ta\n \tb\n\tc\r\n', chomps: true }), 'a\n \tb\nc\r\n');
    assert.equal(contentOf({ content: '\ta\n', chomps: false }), '\ta\n');
    assert.equal(parseHeredoc('<<a b'), undefined);
  });
});

describe('lines', () => {
  test('go on behind an escape, over comments', () => {
    const node = only('ENV a=b \\\n# why\n   # indented\n  c=d \\  \n\te=f\n');
    assert.deepEqual(node.pairs.map(({ key, value }) => [key, value]), [['a', 'b'], ['c', 'd'], ['e', 'f']]);
    assert.deepEqual(node.lines, { start: 1, end: 5 });
  });

  test('end at an escaped escape', () => assert.equal(parseDockerfile('RUN a \\\\\nRUN b\n').nodes.length, 2));
  test('go on with the other escape', () => assert.deepEqual(only('# escape=`\nRUN a `\n  b\\\n').args, ['a   b\\']));
  test('that are empty and go on are told', () => assert.deepEqual(parseDockerfile('RUN a \\\n\n\n b\nRUN c').emptyContinuations, [{ start: 4, end: 4 }]));
  test('may begin with a byte order mark', () => assert.equal(only('\ufeffFROM a').name, 'FROM'));
  test('end with carriage returns', () => assert.deepEqual(parseDockerfile('FROM a\r\nRUN b \\\r\n c\r\n').nodes.map(({ args }) => args), [['a'], ['b  c']]));
  test('have a longest length, in bytes', () => {
    assert.equal(only(`RUN ${'a'.repeat(65_531)}`).args[0]?.length, 65_531);
    for (const text of ['a'.repeat(65_532), 'é'.repeat(32_766)]) assert.throws(() => parseDockerfile(`RUN ${text}\n`), { message: 'dockerfile line greater than max allowed size of 65535' });
  });
  test('above an instruction are its comments', () => {
    assert.deepEqual(parseDockerfile('# syntax=x\n# a\n#\n# b\n#c\nFROM x\n\n# d\n\nRUN y').nodes.map(({ comments }) => comments), [['b', 'c'], ['d']]);
  });
});

describe('directives', () => {
  for (const [text, expected] of [
    ['# syntax = a:1 // opts\n#escape=`\nFROM x', [['syntax', 'a:1 // opts'], ['escape', '`']]],
    ['# EsCaPe=`\nFROM x', [['escape', '`']]],
    ['# a comment\n# escape=`\nFROM x', []],
    ['\n# escape=`\nFROM x', []],
    ['# unknown=1\n# check=skip=all\nFROM x', []],
    ['#!/bin/sh\n# syntax=a\n', [['syntax', 'a']]],
  ] as const) {
    test(JSON.stringify(text), () => assert.deepEqual(directivesOf(text).map(({ name, value }) => [name, value]), expected));
  }

  for (const [text, image, line] of [
    ['# syntax=a/b:1 x\n', 'a/b:1', 1], ['#!/bin/sh\n# syntax=a', 'a', 2], ['//syntax=foo\n//key=value', 'foo', 1], ['#!/x\n//syntax=x', 'x', 2],
    ['{"syntax": "foo", "a": []}', 'foo', 1], ['\ufeff# syntax = a\n', 'a', 1], ['{"syntax": "foo"', undefined, 0], ['#!/bin/sh\n\n# syntax=a', undefined, 0], ['FROM x', undefined, 0],
    ['{"__proto__": {"syntax": "foo"}}', undefined, 0],
  ] as const) {
    test(`the frontend of ${JSON.stringify(text)} is ${image}`, () => {
      assert.equal(detectSyntax(text)?.image, image);
      if (image !== undefined) assert.equal(detectSyntax(text)?.lines.start, line);
    });
  }
});

describe('flags', () => {
  for (const [text, flags, args] of [
    ['COPY --a --b=c d e', ['--a', '--b=c'], ['d', 'e']], ['COPY --a="b c" d', ['--a=b c'], ['d']], ["COPY --a='b \\' d", ["--a=b ' d"], []],
    ['COPY -- --a b', [], ['--a', 'b']], ['COPY --a\\ b c', ['--a b'], ['c']], ['COPY --é=ü x', ['--é=ü'], ['x']], ['COPY a --b c', [], ['a', '--b', 'c']],
  ] as const) {
    test(text, () => {
      const node = only(text);
      assert.deepEqual([node.flags, node.args], [flags, args]);
    });
  }
});

test('an array of JSON must hold strings, and what is none is text', () => {
  assert.deepEqual(only('CMD [ "a" , "\\u00e9" ]').args, ['a', 'é']);
  assert.ok(only('CMD []').isJson);
  for (const text of ["CMD ['a']", 'CMD ["a"', 'CMD ["a"] x']) assert.equal(only(text).isJson, false, text);
  assert.throws(() => only('CMD ["a", {}]'), DockerfileError);
});
