import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { test } from 'node:test';
import { erase } from '../../src/main/erase.ts';
import { freePort } from '../world/free-port.ts';
import { eventually } from '../world/waiting.ts';

const SEED = Number(process.env['GANTRY_CRASH_SEED'] ?? Date.now() % 1_000_000);
/** A sample for a commit; `npm run crash -- power-cut --rounds 40` makes 200 of them. */
const CUTS = Number(process.env['GANTRY_POWER_CUTS'] ?? 5);
const LAUNCHER = new URL('../../gantry', import.meta.url).pathname;
const RUNNER = new URL('../world/power-cut-run.ts', import.meta.url).pathname;
const skip = process.getuid?.() !== 0 ? 'needs root' : existsSync('/sbin/mkfs.ext4') || existsSync('/usr/sbin/mkfs.ext4') ? whyNoLoop() : 'needs mkfs.ext4';

function whyNoLoop(): string | false {
  return spawnSync('losetup', ['-f'], { stdio: 'ignore' }).status === 0 ? false : 'needs a loop device';
}

test(`${CUTS} power cuts at random moments of pull, load, build, removal and prune: what was acknowledged is whole (seed ${SEED})`, { skip, timeout: CUTS * 20_000 + 60_000 }, async () => {
  const directory = mkdtempSync('/tmp/gantry-power-');
  const port = await freePort();
  const registry = spawn(LAUNCHER, ['registry', 'serve', '--addr', `127.0.0.1:${port}`, '--root', `${directory}/registry`], { stdio: 'ignore' });
  try {
    await eventually('the registry listens', () => new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => { socket.destroy(); resolve(true); });
      socket.once('error', () => resolve(false));
    }), (listens) => listens, 15_000);
    const child = spawn('unshare', ['--mount', '--propagation', 'private', process.execPath, '--disable-warning=ExperimentalWarning', RUNNER, directory, String(SEED), String(CUTS), String(port)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { out += text; });
    const code = await new Promise((resolve) => child.once('close', resolve));
    assert.equal(code, 0, `seed ${SEED}: ${out}`);
    assert.equal(out.split('\n').filter((line) => /^\d+ (?:remove|prune|pull|load|build) /.test(line)).length, CUTS, out);
  } finally {
    registry.kill('SIGKILL');
    await erase({ root: `${directory}/disk/root`, run: `${directory}/run` });
    rmSync(directory, { recursive: true, force: true });
  }
});
