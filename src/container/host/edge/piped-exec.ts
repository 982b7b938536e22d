import { closeSync, existsSync, mkdirSync, readFileSync, rmSync, watch } from 'node:fs';
import type { Socket } from 'node:net';
import { GantryError } from '#base/error.ts';
import type { ContainerIo } from '../io.ts';
import type { ExecStart, StartedExec } from '../port.ts';
import { PROGRAM_ENV, runtimeRootOf, type HostContext } from './host-context.ts';
import { pipe, readStream, writeStream } from './linux/pipe.ts';
import { posixSpawn } from './linux/spawn.ts';
import { waitForExit, type ExitStatus } from './linux/wait.ts';
import { processReference } from './monitor.ts';
import { programOf, runtimeOf } from './runtime.ts';

/** Output that something keeps open which the program left behind is waited for this long, as in `run`. */
const LINGER_MS = 500;
const KILLED = 137;
/** Of the pipe by which the runtime gets the program. */
const PROGRAM_FD = 3;

interface Streams {
  readonly stdin: Socket | undefined;
  readonly stdout: Socket;
  readonly stderr: Socket;
}

/** What the runtime has to know when it is started; the program comes by a pipe. */
export type ExecPlace = Pick<ExecStart, 'container' | 'directory' | 'stdin'>;

/** A runtime that has read what it needs of its container, and waits for the program that it is to run there. */
export interface BegunExec {
  readonly directory: string;
  readonly streams: Streams;
  readonly program: Socket;
  readonly ended: Promise<ExitStatus>;
}

/**
 * Runs a further process in a container directly under the runtime, its streams as pipes of ours. A monitor would only keep
 * what nobody asks for: execs are forgotten when the daemon ends, and one that is attached has lost its client by then. It
 * costs two programs less. Needs a runtime that says why it failed in its log (crun); a terminal needs a monitor.
 */
export function beginPipedExec(context: HostContext, place: ExecPlace): BegunExec {
  mkdirSync(place.directory, { recursive: true, mode: 0o700 });
  const [output, errors, program] = [pipe(), pipe(), pipe()];
  const input = place.stdin ? pipe() : undefined;
  const ofChild = [output.writeEnd, errors.writeEnd, program.readEnd, ...(input === undefined ? [] : [input.readEnd])];
  try {
    const runtime = runtimeOf(context, place.container);
    const pid = posixSpawn({
      path: programOf(context, runtime), argv: argumentsOf(context, place, runtime.name), newSession: true, env: { ...PROGRAM_ENV, XDG_RUNTIME_DIR: context.run },
      files: [{ fd: 0, source: input?.readEnd ?? 'null' }, { fd: 1, source: output.writeEnd }, { fd: 2, source: errors.writeEnd }, { fd: PROGRAM_FD, source: program.readEnd }],
    });
    const begun = {
      directory: place.directory, program: writeStream(program.writeEnd), ended: waitForExit(pid),
      streams: { stdin: input === undefined ? undefined : writeStream(input.writeEnd), stdout: readStream(output.readEnd), stderr: readStream(errors.readEnd) },
    };
    // A runtime that has ended says why in its log, and of one that is dropped nobody asks how it ended.
    begun.program.on('error', () => {});
    begun.ended.catch(() => {});
    for (const stream of streamsOf(begun.streams)) stream.on('error', () => stream.destroy());
    return begun;
  } catch (thrown) {
    for (const fd of [output.readEnd, errors.readEnd, program.writeEnd, ...(input === undefined ? [] : [input.writeEnd])]) closeSync(fd);
    throw thrown;
  } finally {
    for (const fd of ofChild) closeSync(fd);
  }
}

function argumentsOf(context: HostContext, { container, directory }: ExecPlace, name: string): string[] {
  return [
    name, `--root=${runtimeRootOf(context)}`, `--log=file:${logOf(directory)}`, '--log-format=json',
    'exec', '--process', `/proc/self/fd/${PROGRAM_FD}`, '--pid-file', pidFileOf(directory), container,
  ];
}

/** @param processJson `process` object of the OCI runtime spec */
export async function runBegun({ directory, streams, program, ended }: BegunExec, processJson: string): Promise<StartedExec> {
  const pidFile = pidFileOf(directory);
  program.end(processJson);
  try {
    await fileOrEnd(directory, pidFile, ended);
    if (!existsSync(pidFile)) throw new GantryError('internal', reasonIn(logOf(directory)) ?? 'the runtime failed and said nothing');
  } catch (thrown) {
    closeAll(streams);
    throw thrown;
  }
  const process = processReference(Number(readFileSync(pidFile, 'utf8')));
  const exitCode = ended.then(({ exitCode: code }) => code ?? KILLED);
  return { process, io: pipedIo(streams, ended), exitCode };
}

/** Ends a runtime that was given no program: nothing of it is in the container yet. */
export function dropBegun({ program, streams, directory }: BegunExec): void {
  // It reads the end of its pipe, and gives up.
  program.destroy();
  closeAll(streams);
  rmSync(directory, { recursive: true, force: true });
}

function streamsOf({ stdin, stdout, stderr }: Streams): readonly Socket[] {
  return stdin === undefined ? [stdout, stderr] : [stdin, stdout, stderr];
}

function closeAll(streams: Streams): void {
  for (const stream of streamsOf(streams)) stream.destroy();
}

function logOf(directory: string): string {
  return `${directory}/runtime.log`;
}

function pidFileOf(directory: string): string {
  return `${directory}/pid`;
}

/** Until the runtime has written the process's number, or has ended. */
async function fileOrEnd(directory: string, file: string, ended: Promise<ExitStatus>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (existsSync(file) && readFileSync(file, 'utf8') !== '') resolve();
  };
  const watcher = watch(directory, look);
  watcher.on('error', () => {});
  look();
  await Promise.race([promise, ended]);
  watcher.close();
}

/** crun writes one JSON object a line. */
function reasonIn(log: string): string | undefined {
  try {
    const lines = readFileSync(log, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { readonly msg?: string; readonly level?: string });
    return lines.findLast(({ level }) => level === 'error')?.msg;
  } catch {
    return undefined;
  }
}

/** Ends when the program has ended and all of its output has come, or no more of it comes for a while. */
function pipedIo({ stdin, stdout, stderr }: Streams, ended: Promise<ExitStatus>): ContainerIo {
  let isOver = false;
  let isLeft = false;
  let onEnd: (() => void) | undefined;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    for (const stream of [stdin, stdout, stderr]) stream?.destroy();
    if (!isLeft) onEnd?.();
  };
  const closed = Promise.all([stdout, stderr].map((stream) => new Promise<void>((resolve) => void stream.once('close', () => resolve()))));
  void ended.then(async () => {
    const timer = setTimeout(end, LINGER_MS);
    await closed;
    clearTimeout(timer);
    end();
  });
  // Nothing is read before somebody listens; the kernel keeps it until then.
  stdout.pause();
  stderr.pause();
  return {
    onOutput: (callback) => {
      stdout.on('data', (bytes: Buffer) => callback(1, bytes));
      stderr.on('data', (bytes: Buffer) => callback(2, bytes));
      stdout.resume();
      stderr.resume();
    },
    onEnd: (callback) => {
      onEnd = callback;
      if (isOver && !isLeft) callback();
    },
    write: (bytes) => (stdin === undefined || stdin.destroyed || stdin.writableEnded ? true : stdin.write(bytes)),
    onDrain: (callback) => void stdin?.on('drain', callback),
    endInput: () => {
      if (stdin !== undefined && !stdin.destroyed && !stdin.writableEnded) stdin.end();
    },
    pause: () => {
      stdout.pause();
      stderr.pause();
    },
    resume: () => {
      stdout.resume();
      stderr.resume();
    },
    // The program goes on without its client: what it writes is taken in and dropped, for a closed pipe would end it.
    close: () => {
      isLeft = true;
      stdin?.destroy();
      for (const stream of [stdout, stderr]) stream.removeAllListeners('data').resume();
    },
    abort: end,
  };
}
