import type { Chance } from './chance.ts';

/** Words that somebody's code has tripped over. None is an absolute path of the machine or the name of a registry. */
export const HOSTILE_WORDS: readonly string[] = [
  '', ' ', '.', '..', '../', '../../../../x', './..', 'a/../../b', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', 'valueOf', 'null', 'NaN', 'true', '0', '-1', '1e400', '9007199254740993',
  '\u0000', 'a\u0000b', '\n', 'a\nb: c', '\r\nX: y', '\t', '%00', '%2e%2e%2f', '%', '%zz', '\ud800', '\u202e', '😀'.repeat(50), 'ä', '"', "'", '`id`', '$(id)', '${HOME}', ';', '|', '&', '<', '{{.}}', '\\', '*', '?', '#', '[', ']', '^(a+)+$', '(', 'a'.repeat(300), 'b'.repeat(5000),
  'sha256:', `sha256:${'0'.repeat(64)}`, `sha256:${'0'.repeat(63)}`, 'sha256:../../x', 'UPPER/Case', 'a:b:c', 'a@b', ':', '::', '0-9999999999', '1-', '-', '0,1,2', '10:20', 'tcp', '80/tcp', '99999/tcp', '80-90/udp', '90-80/tcp', '80/sctp', 'x/y',
  '256.0.0.1', '10.0.0.0/33', '::1', 'fe80::1%eth0', '0x7f.1', '00:11:22:33:44:55', 'zz:zz', '1h', '-1h', '99999999999h', '2026-01-01', '2026-01-01T00:00:00Z', 'SIGKILL', 'SIG', '999', 'container:', 'container:__proto__', 'container:fuzz-0', 'host', 'none', 'bridge', 'private', 'shareable', 'default',
];

const HOSTILE_NUMBERS: readonly number[] = [0, -1, 1, 0.5, -0, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, 2 ** 64, -(2 ** 63), 1e18, 1e300, -1e300, 1024, 65_535, 65_536];

/** A value of any type, small enough to send. */
export function hostileValue(chance: Chance): unknown {
  switch (chance.below(9)) {
    case 0: return null;
    case 1: return chance.pick(HOSTILE_NUMBERS);
    case 2: return chance.percent(50);
    case 3: return [];
    case 4: return {};
    case 5: return [chance.pick(HOSTILE_WORDS), chance.pick(HOSTILE_NUMBERS), null, {}, []];
    case 6: return Object.fromEntries([[chance.pick(HOSTILE_WORDS), chance.pick(HOSTILE_WORDS)], ['constructor', { prototype: { polluted: 'yes' } }]]);
    default: return chance.pick(HOSTILE_WORDS);
  }
}

/** JSON text made worse: what is left need not be JSON. */
export function spoil(text: string, chance: Chance): string | Uint8Array {
  switch (chance.below(12)) {
    case 0: return text.slice(0, chance.below(text.length + 1));
    case 1: return `${text}${text}`;
    case 2: return `${text} junk`;
    case 3: return text.replace('{', '{"__proto__":{"polluted":"yes"},');
    case 4: return text.replace('{', '{"constructor":{"prototype":{"polluted":"yes"}},');
    case 5: return text.replace(/"([^"]{2,})"/, '"$1\\u0000"');
    case 6: return `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    case 7: return `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
    case 8: return Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0x7d])]);
    case 9: return text.replace(/\d+/, '1e400');
    case 10: return text.replace(/:\s*/, ':\u2028');
    default: return `\ufeff${text}`;
  }
}
