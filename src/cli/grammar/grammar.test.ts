import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { arityComplaint, atLeast, between, exactly, noOperands } from './arity.ts';
import { completionScript } from './completion.ts';
import { boolFlag, intFlag, listFlag, stringFlag, type FlagSpec } from './flag.ts';
import { commandHelp } from './help.ts';
import type { ParsedArgs } from './parsed-args.ts';
import { parseArgs } from './parse.ts';

const flags: readonly FlagSpec[] = [
  boolFlag('interactive', 'i', 'Keep input open'), boolFlag('tty', 't', 'Terminal'), boolFlag('sig-proxy', '', 'Proxy', true), listFlag('publish', 'p', 'Publish'),
  stringFlag('name', '', 'Name'), intFlag('timeout', '', 'Seconds'), { name: 'alias', kind: 'strings', help: 'Aliases' },
  listFlag('net', '', 'Network', { aliasOf: 'network', hidden: true }), listFlag('network', '', 'Network'),
  intFlag('time', '', 'Seconds', { deprecated: 'use --timeout instead' }),
];

function parse(argv: readonly string[], stopAtOperand = false): ParsedArgs {
  const result = parseArgs(argv, flags, { stopAtOperand });
  assert.equal(result.kind, 'args');
  return result.kind === 'args' ? result.args : assert.fail();
}

test('flags may be joined, attached to their value, repeated and mixed with operands', () => {
  const args = parse(['-it', 'one', '-p8080:80', '-p=81', '-p', '82', '--publish=83', '--publish', '84', '--name=a=b', 'two', '--', '-x', '--name']);
  assert.deepEqual(args.operands, ['one', 'two', '-x', '--name']);
  assert.deepEqual(args.list('publish'), ['8080:80', '81', '82', '83', '84']);
  assert.deepEqual([args.bool('interactive'), args.bool('tty'), args.bool('sig-proxy'), args.string('name')], [true, true, true, 'a=b']);
});

test('a joined flag takes the rest of its word', () => {
  const args = parse(['-itp80', '-']);
  assert.deepEqual([args.bool('tty'), args.list('publish'), args.operands], [true, ['80'], ['-']]);
});

test('bools take values only after an equals sign', () => {
  const args = parse(['--tty=false', '-i=0', '--sig-proxy=F', 'false']);
  assert.deepEqual([args.bool('tty'), args.bool('interactive'), args.bool('sig-proxy'), args.operands], [false, false, false, ['false']]);
  assert.deepEqual([args.changed('tty'), args.changed('name')], [true, false]);
});

test('the first operand ends the flags where the rest belongs to somebody else', () => {
  assert.deepEqual(parse(['-t', 'image', '-i', '--nope'], true).operands, ['image', '-i', '--nope']);
});

test('other spellings, comma lists, numbers and the last of many values', () => {
  const args = parse(['--net', 'a', '--network', 'b', '--alias', 'x,y', '--alias=z', '--timeout', '0x10', '--name', 'a', '--name', 'b']);
  assert.deepEqual([args.list('network'), args.list('alias'), args.int('timeout'), args.string('name')], [['a', 'b'], ['x', 'y', 'z'], 16, 'b']);
});

test('help is asked for by --help, and by -h where no flag has it', () => {
  for (const argv of [['--help'], ['-h'], ['-th'], ['x', '--help']]) assert.equal(parseArgs(argv, flags).kind, 'help');
  assert.equal(parseArgs(['-h', 'x'], [stringFlag('hostname', 'h', 'Name')]).kind, 'args');
});

test('a deprecated flag says what to use instead', () => {
  const result = parseArgs(['--time', '3'], flags);
  assert.deepEqual(result.kind === 'args' && result.warnings, ['Flag --time has been deprecated, use --timeout instead']);
});

const complaints: readonly (readonly [readonly string[], string])[] = [
  [['--nope'], 'unknown flag: --nope'], [['--nope=1'], 'unknown flag: --nope'], [['-x'], "unknown shorthand flag: 'x' in -x"], [['-ixt'], "unknown shorthand flag: 'x' in -xt"],
  [['--name'], 'flag needs an argument: --name'], [['-p'], "flag needs an argument: 'p' in -p"], [['--=x'], 'bad flag syntax: --=x'], [['---x'], 'bad flag syntax: ---x'],
  [['-t=maybe'], 'invalid argument "maybe" for "-t, --tty" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
  [['--timeout', '1s'], 'invalid argument "1s" for "--timeout" flag: strconv.ParseInt: parsing "1s": invalid syntax'],
];
for (const [argv, message] of complaints) {
  test(`${argv.join(' ')} is refused`, () => assert.throws(() => parse(argv), { kind: 'invalid', message }));
}

test('no words make the parser fail in any way but its own error, and after -- all are operands', () => {
  const word = fc.oneof(fc.constantFrom('-i', '-t', '--', '-', '-p', '--name', '--name=', '-it', '--tty=1', '--x', '-px'), fc.string({ maxLength: 4 }));
  fc.assert(fc.property(fc.array(word), fc.array(word), (before, rest) => {
    try {
      parseArgs(before, flags);
    } catch (error) {
      return error instanceof Error && error.name === 'GantryError';
    }
    assert.deepEqual(parse(['--', ...rest]).operands, rest);
    return true;
  }));
});

test('the number of operands is checked in docker\'s words', () => {
  assert.deepEqual(
    [arityComplaint(noOperands, 1), arityComplaint(exactly(1), 2), arityComplaint(exactly(2), 1), arityComplaint(atLeast(1), 0), arityComplaint(between(1, 2), 3), arityComplaint(between(0, 1), 2)],
    ['accepts no arguments', 'requires 1 argument', 'requires 2 arguments', 'requires at least 1 argument', 'requires at least 1 and at most 2 arguments', 'requires at most 1 argument'],
  );
  assert.deepEqual([arityComplaint(noOperands, 0), arityComplaint(between(1, 2), 2), arityComplaint(atLeast(1), 5)], [undefined, undefined, undefined]);
});

test('help lists the flags of the table, wrapped to the width', () => {
  const spec = { summary: 'Do it.', operands: '[OPTIONS] THING', aliases: ['x do', 'do'], flags: [stringFlag('name', 'n', 'A name that is rather long to say', { fallback: 'web' }), boolFlag('all', '', 'All')], arity: atLeast(1), run: async () => 0 };
  assert.equal(commandHelp('gantry', 'do', spec, 50), [
    'Usage:  gantry do [OPTIONS] THING', '', 'Do it.', '', 'Aliases:', '  gantry x do, gantry do', '', 'Options:',
    '      --all           All', '  -n, --name string   A name that is rather long', '                      to say (default "web")', '',
  ].join('\n'));
});

test('the completion script is valid bash and completes commands and flags', () => {
  const script = completionScript('bash', 'gantry', [
    { path: '', children: ['run', 'image'], flags: [stringFlag('host', 'H', 'Host')] }, { path: 'image', children: ['ls', 'rm'], flags: [] }, { path: 'image ls', children: [], flags: [boolFlag('all', 'a', 'All')] },
  ]);
  const complete = (...words: readonly string[]): string =>
    execFileSync('bash', ['-c', `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gantry_complete; echo "\${COMPREPLY[*]}"`, 'bash', ...words], { encoding: 'utf8' }).trim();
  assert.equal(complete('gantry', 'ru'), 'run');
  assert.equal(complete('gantry', '-H', 'unix:///x', 'image', ''), 'ls rm --help');
  assert.equal(complete('gantry', 'image', 'ls', '--a'), '--all');
  assert.throws(() => completionScript('tcsh', 'gantry', []), { kind: 'invalid' });
});
