import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isKind } from '#base/error.ts';
import { AuditFile, type AuditFileOptions } from './audit-file.ts';

const root = mkdtempSync(join(tmpdir(), 'gantry-audit-'));
after(() => rmSync(root, { recursive: true, force: true }));

function open(name: string, options: Partial<AuditFileOptions> = {}): { readonly file: AuditFile; readonly path: string; readonly said: string[]; readonly names: () => readonly string[]; pass(ms: number): void } {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
  const said: string[] = [];
  const path = join(root, name, 'audit.log');
  const file = new AuditFile({ path, mostBytes: 100, mostDays: 0, mostBackups: 0, nowMs: () => now, log: (line) => said.push(line), ...options });
  return { file, path, said, names: () => readdirSync(join(root, name)).toSorted(), pass: (ms) => void (now += ms) };
}

test('a file that would grow too large is turned over, and only its owner reads it', () => {
  const { file, path, names, pass } = open('large');
  for (const letter of ['a', 'b', 'c']) {
    file.write(letter.repeat(60));
    pass(1000);
  }
  assert.deepEqual(names(), ['audit-2026-01-02T03-04-06.006.log', 'audit-2026-01-02T03-04-07.006.log', 'audit.log']);
  assert.equal(readFileSync(path, 'utf8'), `${'c'.repeat(60)}\n`);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  file.close();
  const again = new AuditFile({ path, mostBytes: 100, mostDays: 0, mostBackups: 0, nowMs: () => 0, log: () => {} });
  again.write('d');
  assert.equal(readFileSync(path, 'utf8'), `${'c'.repeat(60)}\nd\n`, 'goes on where the last life ended');
  again.close();
});

test('backups that are too many or too old go, and nothing else does', () => {
  const { file, names, pass } = open('many', { mostBackups: 2, mostDays: 3 });
  writeFileSync(join(root, 'many', 'audit-notes.log'), '');
  for (let at = 0; at < 5; at += 1) {
    file.write(String(at).repeat(80));
    pass(1000);
  }
  const kept = names().filter((name) => /\d{4}/.test(name));
  assert.equal(kept.length, 2);
  const old = Date.UTC(2025, 0, 1) / 1000;
  utimesSync(join(root, 'many', kept[0] ?? ''), old, old);
  file.write('x'.repeat(80));
  pass(1000);
  file.write('y'.repeat(80));
  assert.ok(!names().includes(kept[0] ?? ''));
  assert.ok(names().includes('audit-notes.log'));
  file.close();
});

test('what cannot be written is told once, and stands in nobodys way', () => {
  const { file, said } = open('gone', { mostBytes: 10 });
  file.write('one');
  rmSync(join(root, 'gone'), { recursive: true });
  file.write('too long for it');
  file.write('too long for it');
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /can't be written, and what happens meanwhile is not in it/);
  assert.throws(() => new AuditFile({ path: '/dev/null/audit.log', mostBytes: 1, mostDays: 0, mostBackups: 0, nowMs: () => 0, log: () => {} }), (thrown) => isKind(thrown, 'invalid') && /the audit log \/dev\/null\/audit\.log can't be written/.test(thrown.message));
});
