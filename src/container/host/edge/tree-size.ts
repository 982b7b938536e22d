import { closeSync, existsSync } from 'node:fs';
import { PROGRAM_ENV } from './host-context.ts';
import { pipe, readStream } from './linux/pipe.ts';
import { posixSpawn } from './linux/spawn.ts';
import { waitForExit } from './linux/wait.ts';

const FIND = '/usr/bin/find';

/**
 * Bytes of the files in a tree, as Docker counts: a file counts once, however many names it has, and directories count
 * nothing. A program walks it, so that a tree of millions does not hold the daemon up; its output holds no names.
 */
export async function treeSize(path: string): Promise<number> {
  if (!existsSync(path)) return 0;
  const output = pipe();
  let pid: number;
  try {
    pid = posixSpawn({ path: FIND, argv: ['find', '-P', path, '-xdev', '-type', 'f', '-printf', '%i %n %s\\n'], env: PROGRAM_ENV, files: [{ fd: 1, source: output.writeEnd }] });
  } catch (thrown) {
    closeSync(output.readEnd);
    throw thrown;
  } finally {
    closeSync(output.writeEnd);
  }
  const ended = waitForExit(pid);
  const counted = new Set<string>();
  let bytes = 0;
  let rest = '';
  for await (const chunk of readStream(output.readEnd).setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [inode = '', links, size] = line.split(' ');
      if (links !== '1' && counted.has(inode)) continue;
      if (links !== '1') counted.add(inode);
      bytes += Number(size);
    }
  }
  await ended;
  return bytes;
}
