import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { busyboxTar, whyNoImage } from './world/busybox.ts';
import { TestDaemon } from './world/daemon.ts';
import { findDockerCli } from '../tools/test-run/docker-cli.ts';
import { forgeTar } from './world/forge.ts';

const skip = whyNoImage() ?? (findDockerCli() === undefined ? 'needs the docker CLI' : false);
const MIB = 1024 * 1024;

test('a full disk is told of, and everything works again once there is room', { skip, timeout: 240_000 }, async () => {
  const small = mkdtempSync('/tmp/gantry-small-');
  const disk = `${small}.img`;
  const full = await TestDaemon.start([], `${small}/root`);
  await full.stop();
  const sh = (...command: readonly string[]): void => {
    const { status, stderr } = spawnSync(command[0] ?? '', command.slice(1), { encoding: 'utf8' });
    assert.equal(status, 0, `${command.join(' ')}: ${stderr}`);
  };
  rmSync(`${small}/root`, { recursive: true, force: true });
  sh('truncate', '-s', '48M', disk);
  sh('mkfs.ext4', '-q', '-m', '0', disk);
  sh('mount', '-o', 'loop', disk, small);
  try {
    await full.up();
    full.ok('import', '-c', 'CMD ["sh"]', busyboxTar(), 'busybox');
    full.ok('run', '-d', '--name', 'writes', 'busybox', 'sleep', '1000');
    const saved = `${full.directory}/saved.tar`;
    full.ok('save', '-o', saved, 'busybox');
    const before = full.pid;
    mkdirSync(`${small}/ballast`);
    const fill = (): void => {
      spawnSync('sh', ['-c', `dd if=/dev/zero of=${small}/ballast/big bs=64k 2>/dev/null; dd if=/dev/zero of=${small}/ballast/small bs=512 2>/dev/null; sync -f ${small}`]);
    };
    fill();
    const words = /no space left/i;
    const layer = forgeTar([{ name: 'big', data: Buffer.alloc(4 * MIB, 1) }]);
    const context = forgeTar([{ name: 'Dockerfile', data: Buffer.from('FROM busybox\nCOPY big /big\n') }, { name: 'big', data: Buffer.alloc(4 * MIB, 1) }]);
    for (const [name, ran] of [
      ['import', full.dockerWith({ input: layer }, 'import', '-', 'more')],
      ['load', full.docker('load', '-i', saved)],
      ['run', full.docker('run', '--rm', 'busybox', 'true')],
      ['build', full.dockerWith({ input: context }, 'build', '-')],
      ['commit', full.docker('commit', 'writes', 'committed')],
    ] as const) {
      assert.notEqual(ran.code, 0, name);
      assert.match(ran.err, words, `${name}: ${ran.err}`);
      assert.doesNotMatch(ran.err, /\n\s+at /);
      if (name === 'run') assert.equal(ran.code, 125);
    }
    assert.equal(full.docker('ps', '-q').code, 0);
    assert.equal(full.ok('inspect', '-f', '{{.State.Running}}', 'writes'), 'true');
    // What makes room must work without any.
    full.ok('rm', '-f', 'writes');
    full.ok('rmi', '-f', 'busybox');
    assert.equal(full.ok('ps', '-aq'), '');
    rmSync(`${small}/ballast`, { recursive: true });
    full.ok('load', '-i', saved);
    assert.equal(full.ok('run', '--rm', 'busybox', 'echo', 'room'), 'room');
    assert.equal(full.dockerWith({ input: layer }, 'import', '-', 'more').code, 0);
    full.ok('run', '-d', '--name', 'writes', 'busybox', 'sleep', '1000');
    full.ok('commit', 'writes', 'committed');
    assert.equal(full.pid, before);
    full.ok('rm', '-f', 'writes');
  } finally {
    await full.destroy();
    spawnSync('umount', [small]);
    rmSync(disk, { force: true });
    rmSync(small, { recursive: true, force: true });
  }
});
