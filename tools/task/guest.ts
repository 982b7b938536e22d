import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bootGuest, whyNoGuest } from '../guest/boot.ts';
import { root, type Task } from './task.ts';

const TIMEOUT_MS = 600_000;

/** Proves what differs by the version of control groups, in a guest that has only version 2. */
export const task: Task = async () => {
  if (process.getuid?.() === 0 && whyNoGuest()?.includes('qemu') === true) {
    console.log('guest: installing the Debian package qemu-system-x86');
    spawnSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'qemu-system-x86'], { stdio: 'ignore' });
  }
  const reason = whyNoGuest();
  if (reason !== undefined) {
    console.log(`guest: skipped: ${reason}`);
    return 0;
  }
  const started = performance.now();
  const command = [process.execPath, '--disable-warning=ExperimentalWarning', join(root, 'test/guest/inside.ts')];
  const booted = await bootGuest(join(root, '.cache/guest'), command, { hear: (line) => void (/guest: /.test(line) && console.log(line)), timeoutMs: TIMEOUT_MS });
  if (typeof booted === 'string') {
    console.log(`guest: skipped: ${booted}`);
    return 0;
  }
  if (booted.code !== 0) console.log(booted.console.split('\n').slice(-40).join('\n'));
  console.log(`guest: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return booted.code;
};
