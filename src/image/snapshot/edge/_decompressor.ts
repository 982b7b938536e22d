import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { GantryError } from '#base/error.ts';

const NOBODY = 65534;
const HEAD_BYTES = 6;

/** Formats that Node has no code for. The program is the host's, by its path: never one that the container brings along. */
const PROGRAMS = [
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], path: '/usr/bin/xz', argv: ['--decompress', '--stdout', '--memlimit-decompress=256MiB'], package: 'xz-utils' },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], path: '/bin/bzip2', argv: ['--decompress', '--stdout'], package: 'bzip2' },
] as const;

/**
 * What comes in, by way of a program where its first bytes ask for one. The program runs without privileges. It has to be
 * called before the confinement, which forbids to start anything.
 */
export async function decompressedByProgram(bytes: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  const whole = chain(head, iterator);
  const program = PROGRAMS.find(({ magic }) => magic.every((byte, at) => head[at] === byte));
  if (program === undefined) return whole;
  if (!existsSync(program.path)) {
    throw new GantryError('unimplemented', `the archive is compressed with ${program.name}, which is not installed on the host`, { hint: `apt-get install ${program.package}` });
  }
  return throughProgram(program, whole);
}

function throughProgram(program: (typeof PROGRAMS)[number], bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const child = spawn(program.path, program.argv, { stdio: ['pipe', 'pipe', 'ignore'], uid: NOBODY, gid: NOBODY, env: {}, cwd: '/' });
  const ended = once(child, 'close') as Promise<[number | null]>;
  ended.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  void (async () => {
    for await (const chunk of bytes) {
      if (child.stdin.destroyed) return;
      if (!child.stdin.write(chunk)) await Promise.race([once(child.stdin, 'drain'), ended]);
    }
    child.stdin.end();
  })().catch(() => child.kill());
  return (async function* () {
    for await (const chunk of child.stdout) yield chunk as Buffer;
    const [code] = await ended;
    if (code !== 0) throw new GantryError('invalid', `the ${program.name} data of the archive is damaged or ends too early`);
  })();
}

async function* chain(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
