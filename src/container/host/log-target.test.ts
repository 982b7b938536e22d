import assert from 'node:assert/strict';
import { test } from 'node:test';
import { journalMessage, syslogMessage, type LogTarget } from './log-target.ts';

const record = (text: string, stream: 1 | 2 = 1) => ({ timeNs: 1_795_655_106_123_456_789n, stream, bytes: new TextEncoder().encode(text) });
const target = (format: 'local' | 'rfc3164' | 'rfc5424' | 'rfc5424micro'): Extract<LogTarget, { kind: 'syslog' }> => ({ kind: 'syslog', address: { kind: 'local' }, facility: 3, format, hostname: 'h', tag: 't' });

test('syslog messages of each format, without the line break of the record', () => {
  assert.equal(syslogMessage(target('local'), record('hello\n'), 7), '<30>Nov 26 01:05:06 t[7]: hello');
  assert.equal(syslogMessage(target('rfc3164'), record('hello\n', 2), 7), '<27>Nov 26 01:05:06 h t[7]: hello');
  assert.equal(syslogMessage(target('rfc5424'), record('a piece'), 7), '<30>1 2026-11-26T01:05:06Z h t 7 t - a piece');
  assert.equal(syslogMessage(target('rfc5424micro'), record('x\n'), 7), '<30>1 2026-11-26T01:05:06.123456Z h t 7 t - x');
});

test('an entry of the journal: a value with line breaks goes by its length', () => {
  const text = Buffer.from(journalMessage({ A: '1' }, record('one\ntwo\n'))).toString('latin1');
  assert.equal(text, `A=1\nPRIORITY=6\nSYSLOG_TIMESTAMP=2026-11-26T01:05:06.123Z\nMESSAGE\n${String.fromCharCode(7)}${'\0'.repeat(7)}one\ntwo\n`);
  assert.match(Buffer.from(journalMessage({}, record('half'))).toString(), /^CONTAINER_PARTIAL_MESSAGE=true\n/);
});
