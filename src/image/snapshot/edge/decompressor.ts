import { existsSync } from 'node:fs';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { GantryError } from '#base/error.ts';

const NOBODY = 65534;
export const HEAD_BYTES = 6;

/** Formats that Node has no code for. The program is the host's, by its path: never one that the container brings along. */
const PROGRAMS = [
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], path: '/usr/bin/xz', argv: ['--decompress', '--stdout', '--memlimit-decompress=256MiB'], package: 'xz-utils' },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], path: '/bin/bzip2', argv: ['--decompress', '--stdout'], package: 'bzip2' },
] as const;

export type ProgramName = (typeof PROGRAMS)[number]['name'];

/** One run of a program. It has no privileges, and has to be started before the confinement, which forbids to start anything. */
export interface StartedProgram {
  readonly name: ProgramName;
  /** What the bytes are uncompressed. Once. */
  through(bytes: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
}

/** Which program the first bytes of something ask for. */
export function programFor(head: Uint8Array): ProgramName | undefined {
  return PROGRAMS.find(({ magic }) => magic.every((byte, at) => head[at] === byte))?.name;
}

/** Throws `unimplemented` where the host does not have it. */
export function startProgram(name: ProgramName): StartedProgram {
  const program = PROGRAMS.find((known) => known.name === name) as (typeof PROGRAMS)[number];
  if (!existsSync(program.path)) {
    throw new GantryError('unimplemented', `the archive is compressed with ${name}, which is not installed on the host`, { hint: `apt-get install ${program.package}` });
  }
  // Few children start one, and all wait for what they load.
  const { spawn } = process.getBuiltinModule('node:child_process');
  const child = spawn(program.path, program.argv, { stdio: ['pipe', 'pipe', 'ignore'], uid: NOBODY, gid: NOBODY, env: {}, cwd: '/' });
  const ended = once(child, 'close') as Promise<[number | null]>;
  ended.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  return {
    name,
    async *through(bytes) {
      const fed = feed(bytes, child.stdin, ended);
      fed.catch(() => undefined);
      try {
        for await (const chunk of child.stdout) yield chunk as Buffer;
        const [code] = await ended;
        // What could not be read is no fault of the data.
        await fed;
        if (code !== 0) throw new GantryError('invalid', `the ${name} data of the archive is damaged or ends too early`);
      } finally {
        child.stdin.destroy();
        child.stdout.destroy();
      }
    },
  };
}

async function feed(bytes: AsyncIterable<Buffer>, stdin: Writable, ended: Promise<unknown>): Promise<void> {
  try {
    for await (const chunk of bytes) {
      if (stdin.destroyed) return;
      if (!stdin.write(chunk)) await Promise.race([once(stdin, 'drain'), ended]);
    }
  } finally {
    stdin.end();
  }
}

/** What comes in, by way of a program where its first bytes ask for one. To be called before the confinement. */
export async function decompressedByProgram(bytes: AsyncIterable<Buffer>): Promise<AsyncIterable<Buffer>> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < HEAD_BYTES) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    head = Buffer.concat([head, value]);
  }
  const whole = chain(head, iterator);
  const name = programFor(head);
  return name === undefined ? whole : startProgram(name).through(whole);
}

/** Programs that wait for the files which turn up in the confinement: one for each. */
export class WaitingPrograms {
  readonly #waiting: StartedProgram[];

  constructor(names: readonly ProgramName[]) {
    this.#waiting = names.map(startProgram);
  }

  take(name: ProgramName): StartedProgram {
    const at = this.#waiting.findIndex((program) => program.name === name);
    const [program] = at === -1 ? [] : this.#waiting.splice(at, 1);
    if (program === undefined) throw new GantryError('internal', `no ${name} was started for this archive`);
    return program;
  }
}

async function* chain(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
