import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { HtpasswdPasswords } from './htpasswd-passwords.ts';

const directory = mkdtempSync(`${tmpdir()}/gantry-htpasswd-`);
// The thread that hashes keeps no process alive, so something else has to.
const holding = setInterval(() => {}, 1000);
after(() => {
  clearInterval(holding);
  rmSync(directory, { recursive: true });
});
const path = `${directory}/users`;
/** Of crypt(3): the passwords are `secret` and `other`. */
const ANN = 'ann:$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW';
const BOB = 'bob:$2b$04$ABCDEFGHIJKLMNOPQRSTUubdTkc8VfDg3xLFFedNQLivmNw6I3T6K';

let writes = 0;
/** Later each time, whatever the clock of the file system makes of it. */
function write(...lines: readonly string[]): void {
  writeFileSync(path, lines.join('\n'));
  writes += 1;
  utimesSync(path, 1_700_000_000 + writes, 1_700_000_000 + writes);
}

test('users of a file, read again when it changes, though not when it makes no sense', async () => {
  const log: string[] = [];
  write('# users', '', `${ANN}\n`);
  const passwords = new HtpasswdPasswords(path, (line) => log.push(line));
  const right = (...pairs: readonly (readonly [string, string])[]): Promise<boolean[]> => Promise.all(pairs.map(([name, password]) => passwords.verify(name, password)));
  // The second time it is remembered.
  for (let round = 0; round < 2; round += 1) {
    assert.deepEqual(await right(['ann', 'secret'], ['ann', 'other'], ['ann', ''], ['ann', 'secret\0'], ['ANN', 'secret'], ['bob', 'other'], ['', 'secret'], ['# users', 'secret']), [true, false, false, false, false, false, false, false]);
  }
  write(ANN, BOB);
  assert.deepEqual(await right(['ann', 'secret'], ['bob', 'other'], ['bob', 'secret']), [true, true, false]);
  write(BOB);
  assert.deepEqual(await right(['ann', 'secret'], ['bob', 'other']), [false, true], 'who was taken out is out at once');
  write(ANN.slice(0, 30));
  assert.deepEqual(await right(['ann', 'secret'], ['bob', 'other']), [false, true]);
  assert.match(log.join('\n'), /^the users stay as they were: line 1 of .*users has no user with a bcrypt hash$/);
  rmSync(path);
  assert.deepEqual(await right(['bob', 'other']), [true]);
  write('');
  assert.deepEqual(await right(['bob', 'other']), [false]);
});

test('a file of weaker hashes, or of none, is refused', () => {
  for (const line of ['ann:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=', 'ann:$apr1$x$y', 'ann:secret', 'ann', ANN.slice(3), ANN.replace('$04$', '$31$'), ANN.replace('$04$', '$03$')]) {
    write(line);
    assert.throws(() => new HtpasswdPasswords(path, () => {}), { kind: 'invalid', message: /line 1 of .* has no user with a bcrypt hash/ }, line);
  }
});
