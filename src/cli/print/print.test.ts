import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { viewType } from '../template/value.ts';
import { formatRoughDuration } from '#base/units.ts';
import { formatList } from './format.ts';
import { compactJson, indentJson } from './json-text.ts';
import { displayPorts } from './ports.ts';
import { ProgressDisplay } from './progress.ts';
import { formatBinarySize, formatDecimalSize } from '#base/units.ts';
import { alignTabs, listLayout } from './table.ts';
import { buildTime, eventTime } from './time.ts';

test('sizes have three or four significant digits', () => {
  const cases: readonly (readonly [number, string, string])[] = [
    [0, '0B', '0B'], [999, '999B', '999B'], [1000, '1kB', '1000B'], [1_980_000, '1.98MB', '1.888MiB'],
    [123_456_789, '123MB', '117.7MiB'], [1e9, '1GB', '953.7MiB'], [999_999, '1e+03kB', '976.6KiB'], [25_276_000_000, '25.3GB', '23.54GiB'],
  ];
  for (const [bytes, decimal, binary] of cases) {
    assert.equal(formatDecimalSize(bytes, 3), decimal);
    assert.equal(formatBinarySize(bytes), binary);
  }
  assert.equal(formatDecimalSize(123_456_789), '123.5MB');
});

test('ages are in words', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0.4, 'Less than a second'], [1.9, '1 second'], [59, '59 seconds'], [60, 'About a minute'], [125, '2 minutes'], [3599, '59 minutes'],
    [3600, 'About an hour'], [5399, 'About an hour'], [5400, '2 hours'], [47 * 3600, '47 hours'], [48 * 3600, '2 days'], [13 * 86_400, '13 days'],
    [14 * 86_400, '2 weeks'], [59 * 86_400, '8 weeks'], [60 * 86_400, '2 months'], [729 * 86_400, '24 months'], [730 * 86_400, '2 years'],
  ];
  for (const [seconds, words] of cases) assert.equal(formatRoughDuration(seconds), words, String(seconds));
});

test('columns are at least 10 wide, three blanks apart, and end with the lines that have them', () => {
  assert.equal(alignTabs('A\tB\tC\nlonger-than-ten\tb\tc\n', listLayout), 'A                 B         C\nlonger-than-ten   b         c\n');
  assert.equal(alignTabs('a\tb\nno tabs\nlonger cell here\tb', listLayout), 'a         b\nno tabs\nlonger cell here   b');
});

test('every cell of a table stays whole', () => {
  const cell = fc.stringMatching(/^[a-z ]{0,14}[a-z]$/);
  fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 3, maxLength: 3 }), { minLength: 1 }), (rows) => {
    const lines = alignTabs(rows.map((row) => row.join('\t')).join('\n'), listLayout).split('\n');
    const column = Math.max(10, ...rows.map(([first = '']) => first.length + 3));
    return rows.every(([first = '', second = ''], index) => lines[index]?.startsWith(first.padEnd(column) + second) === true);
  }));
});

test('ports are grouped as ps shows them', () => {
  const ports = [
    { PrivatePort: 80, PublicPort: 8080, Type: 'tcp', IP: '0.0.0.0' }, { PrivatePort: 80, PublicPort: 8080, Type: 'tcp', IP: '::' },
    { PrivatePort: 443, Type: 'tcp' }, { PrivatePort: 444, Type: 'tcp' }, { PrivatePort: 9, PublicPort: 9, Type: 'udp', IP: '127.0.0.1' },
  ];
  assert.equal(displayPorts(ports), '127.0.0.1:9->9/udp, 443-444/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp');
  assert.equal(displayPorts([{ PrivatePort: 1, Type: 'tcp' }, { PrivatePort: 3, Type: 'tcp' }]), '1/tcp, 3/tcp');
  assert.equal(displayPorts([]), '');
});

test('JSON is laid out without losing a digit', () => {
  const text = '{"a":[],"b":{},"c":[1,{"d":9223372036854771712}],"e":"x: {,}\\"y"}';
  assert.equal(indentJson(text), '{\n    "a": [],\n    "b": {},\n    "c": [\n        1,\n        {\n            "d": 9223372036854771712\n        }\n    ],\n    "e": "x: {,}\\"y"\n}');
  assert.equal(compactJson(indentJson(text)), text);
  fc.assert(fc.property(fc.jsonValue(), (value) => indentJson(JSON.stringify(value)) === JSON.stringify(value, null, 4)));
});

test('a table has a header, other formats none', async () => {
  const views = [{ [viewType]: 'thing', ID: 'abc', Name: 'web', Label: (key: unknown) => `<${String(key)}>` }];
  const list = { columns: ['ID', 'Name'], header: { ID: 'THING ID', Name: 'NAME' } };
  assert.equal(await formatList(views, { ...list, format: '' }), 'THING ID   NAME\nabc        web\n');
  assert.equal(await formatList(views, { ...list, format: 'table {{upper .Name}}\\t{{.Label "com.example.my-key"}}' }), 'NAME      my key\nWEB       <com.example.my-key>\n');
  assert.equal(await formatList(views, { ...list, format: '{{.ID}}' }), 'abc\n');
  assert.equal(await formatList(views, { ...list, format: 'json' }), '{"ID":"abc","Name":"web"}\n');
  assert.equal(await formatList([], { ...list, format: '' }), 'THING ID   NAME\n');
});

test('progress rewrites its lines in a terminal, and is plain elsewhere', () => {
  const show = (isTerminal: boolean): string => {
    let text = '';
    const display = new ProgressDisplay({ isTerminal, columns: 80, write: (part) => { text += part; } });
    display.show({ status: 'Pulling from a/b', id: 'latest' });
    display.show({ status: 'Pulling fs layer', id: 'one', progressDetail: {} });
    display.show({ status: 'Downloading', id: 'one', progressDetail: { current: 500, total: 1000 } });
    display.show({ stream: 'Loaded image: x\n' });
    return text;
  };
  assert.equal(show(false), 'latest: Pulling from a/b\none: Pulling fs layer\nLoaded image: x\n');
  assert.equal(show(true), 'latest: Pulling from a/b\n\n\x1b[1A\x1b[2K\rone: Pulling fs layer \r\x1b[1B\x1b[1A\x1b[2K\rone: Downloading     500B/1kB\r\x1b[1BLoaded image: x\n');
  assert.throws(() => new ProgressDisplay({ isTerminal: false, columns: 80, write: () => undefined }).show({ errorDetail: { message: 'no space' } }), { message: 'no space' });
});

test('times are in docker\'s forms', () => {
  assert.equal(eventTime(1_700_000_000_000_000_005n).slice(-11, -1).replace(/^./, ''), '000000005');
  assert.equal(buildTime('2026-09-05T11:02:57.000000000+00:00'), 'Sat Sep  5 11:02:57 2026');
  assert.equal(buildTime('unknown'), 'unknown');
});
