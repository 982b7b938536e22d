import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quote, unquote } from './literal.ts';
import { sprintf } from './printf.ts';
import { compileTemplate } from './template.ts';
import { viewType } from './value.ts';

const data = {
  Name: '/web', Id: 'abc', Count: 3, Running: true, Nothing: null, Empty: [], Ports: { '80/tcp': [{ HostPort: '8080' }], '443/tcp': null },
  Names: ['/a', '/b'], Labels: { zebra: '1', apple: '2' }, Size: 12.5,
  NetworkSettings: { Networks: { bridge: { IPAddress: '172.17.0.2' }, other: { IPAddress: '10.0.0.2' } } },
};

const cases: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['{{.Name}} {{.Count}} {{.Running}} {{.Size}}', '/web 3 true 12.5'],
  ['{{ .NetworkSettings.Networks.bridge.IPAddress }}', '172.17.0.2'],
  ['{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}', '172.17.0.2 10.0.0.2 '],
  ['{{range $name, $net := .NetworkSettings.Networks}}{{$name}}={{$net.IPAddress}};{{end}}', 'bridge=172.17.0.2;other=10.0.0.2;'],
  ['{{range $i, $n := .Names}}{{$i}}{{$n}}{{end}}', '0/a1/b'],
  ['{{range .Empty}}x{{else}}none{{end}}', 'none'],
  ['{{if .Running}}up{{else}}down{{end}}', 'up'],
  ['{{if .Nothing}}a{{else if eq .Count 3}}b{{else}}c{{end}}', 'b'],
  ['{{with .Nothing}}x{{else}}nil{{end}}', 'nil'],
  ['{{with $x := .Name}}{{$x}}{{.}}{{$.Id}}{{end}}', '/web/webabc'],
  ['{{$x := 1}}{{range .Names}}{{$x = 2}}{{end}}{{$x}}', '2'],
  ['{{(index (index .Ports "80/tcp") 0).HostPort}}', '8080'],
  ['{{json .Labels}} {{json .Nothing}} {{.Labels | json}}', '{"zebra":"1","apple":"2"} null {"zebra":"1","apple":"2"}'],
  ['{{join .Names ","}} {{split "a-b" "-"}}', '/a,/b [a b]'],
  ['{{upper "aB"}}{{lower "aB"}}{{title "hello world"}}', 'ABabHello World'],
  ['{{printf "%-6s|%5d|%q|%.2f|%x" .Id .Count .Name .Size 255}}', 'abc   |    3|"/web"|12.50|ff'],
  ['{{println "a" 1}}', 'a 1\n'],
  ['{{len .Names}}{{len .Labels}}{{len .Name}}', '224'],
  ['{{eq .Id "x" "abc"}}{{ne 1 2}}{{lt 1 2}}{{le 2 2}}{{gt 1 2}}{{ge 1 2}}', 'truetruetruetruefalsefalse'],
  ['{{and .Running .Id}} {{or .Nothing "d"}} {{not .Running}}', 'abc d false'],
  ['a  {{- " b " -}}  c', 'a b c'],
  ['{{/* nothing */}}x{{- /* trims */ -}} y', 'xy'],
  ['{{define "t"}}<{{.}}>{{end}}{{template "t" .Id}}', '<abc>'],
  ['{{block "b" .Count}}[{{.}}]{{end}}', '[3]'],
  ['{{range .Names}}{{if eq . "/b"}}{{break}}{{end}}{{.}}{{end}}', '/a'],
  ['{{.Labels}} {{.Names}} {{.Nothing}}', 'map[apple:2 zebra:1] [/a /b] <nil>'],
  ['{{index .Labels "none"}}', '<no value>'],
  ['{{`raw "x"`}}{{"tab\\t."}}', 'raw "x"tab\t.'],
  ['{{truncate .Id 2}}{{pad .Id 1 2}}|', 'ab abc  |'],
  ['{{"a" | printf "%s-%s" "b"}}', 'b-a'],
];

for (const [source, expected] of cases) {
  test(`template ${source}`, () => assert.equal(compileTemplate(source).execute(data), expected));
}

const complaints: readonly (readonly [string, string])[] = [
  ['{{.Id', 'template: :1: unclosed action'],
  ['{{foo}}', 'template: :1: function "foo" not defined'],
  ['{{if .Id}}', 'template: :1: unexpected EOF'],
  ['{{end}}', 'template: :1: unexpected {{end}}'],
  ['{{.Foo}}', 'template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"'],
  ['{{.Id.Foo}}', 'template: :1:5: executing "" at <.Foo>: can\'t evaluate field Foo in type string'],
  ['{{index .Names 9}}', 'template: :1:2: executing "" at <index>: error calling index: index out of range: 9'],
  ['{{"a}}', 'template: :1: unterminated quoted string'],
];

for (const [source, message] of complaints) {
  test(`template ${source} is refused`, () => assert.throws(() => compileTemplate(source).execute(data), { kind: 'invalid', message }));
}

test('a view names its type, works out fields on demand and is written sorted and escaped as JSON', () => {
  const asked: string[] = [];
  const view = {
    [viewType]: '*formatter.ThingContext',
    get Zed() {
      asked.push('Zed');
      return '0.0.0.0:80->80/tcp';
    },
    get Able() {
      asked.push('Able');
      return 'a';
    },
    Label: (name: unknown) => `label ${String(name)}`,
  };
  assert.equal(compileTemplate('{{.Able}} {{.Label "x"}}').execute(view), 'a label x');
  assert.deepEqual(asked, ['Able']);
  assert.equal(compileTemplate('{{json .}}').execute(view), '{"Able":"a","Zed":"0.0.0.0:80-\\u003e80/tcp"}');
  assert.throws(() => compileTemplate('{{.Foo}}').execute(view), { message: 'template: :1:2: executing "" at <.Foo>: can\'t evaluate field Foo in type *formatter.ThingContext' });
});

test('sprintf says what is missing or too much', () => {
  assert.equal(sprintf('%s %s', ['a']), 'a %!s(MISSING)');
  assert.equal(sprintf('%d', ['a']), '%!d(string=a)');
  assert.equal(sprintf('a', [1]), 'a%!(EXTRA int=1)');
  assert.equal(sprintf('%05d|%+d|%5.1f|%%', [42, 7, 3.14159]), '00042|+7|  3.1|%');
});

test('quoting and unquoting a text gives the text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }).filter((text) => !/[\ud800-\udfff]/u.test(text) && [...text].every((char) => (char.codePointAt(0) ?? 0) <= 0xffff)), (text) => unquote(quote(text)) === text));
});

test('no source makes the engine fail in any way but its own error', () => {
  const piece = fc.constantFrom('{{', '}}', '.Id', '.', '|', '(', ')', 'range', 'if', 'end', 'else', '$x', ':=', '"a"', ' ', '-', 'json', 'index', '1', 'x', '\n');
  fc.assert(fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
    try {
      compileTemplate(pieces.join('')).execute(data);
      return true;
    } catch (error) {
      return error instanceof Error && error.name === 'GantryError';
    }
  }), { numRuns: 2000 });
});
