import { closeSync, existsSync, readFileSync, watch } from 'node:fs';
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

interface Streams {
  readonly stdin: Socket | undefined;
  readonly stdout: Socket;
  readonly stderr: Socket;
}

/**
 * Runs a further process in a container directly under the runtime, its streams as pipes of ours. A monitor would only keep
 * what nobody asks for: execs are forgotten when the daemon ends, and one that is attached has lost its client by then. It
 * costs two programs less. Needs a runtime that says why it failed in its log (crun); a terminal needs a monitor.
 */
export async function startPipedExec(context: HostContext, start: ExecStart): Promise<StartedExec> {
  const pidFile = `${start.directory}/pid`;
  const log = `${start.directory}/runtime.log`;
  const argv = [
    runtimeOf(context, start.container).name, `--root=${runtimeRootOf(context)}`, `--log=file:${log}`, '--log-format=json',
    'exec', '--process', `${start.directory}/process.json`, '--pid-file', pidFile, start.container,
  ];
  const { pid, streams } = spawnPiped(context, start, argv);
  const ended = waitForExit(pid);
  try {
    await fileOrEnd(start.directory, pidFile, ended);
    if (!existsSync(pidFile)) throw new GantryError('internal', reasonIn(log) ?? 'the runtime failed and said nothing');
  } catch (thrown) {
    for (const stream of Object.values(streams)) stream?.destroy();
    throw thrown;
  }
  const process = processReference(Number(readFileSync(pidFile, 'utf8')));
  const exitCode = ended.then(({ exitCode: code }) => code ?? KILLED);
  return { process, io: pipedIo(streams, ended), exitCode };
}

function spawnPiped(context: HostContext, start: ExecStart, argv: readonly string[]): { pid: number; streams: Streams } {
  const [output, errors] = [pipe(), pipe()];
  const input = start.stdin ? pipe() : undefined;
  const ofChild = [output.writeEnd, errors.writeEnd, ...(input === undefined ? [] : [input.readEnd])];
  try {
    const pid = posixSpawn({
      path: programOf(context, runtimeOf(context, start.container)), argv, newSession: true, env: { ...PROGRAM_ENV, XDG_RUNTIME_DIR: context.run },
      files: [{ fd: 0, source: input?.readEnd ?? 'null' }, { fd: 1, source: output.writeEnd }, { fd: 2, source: errors.writeEnd }],
    });
    return { pid, streams: { stdin: input === undefined ? undefined : writeStream(input.writeEnd), stdout: readStream(output.readEnd), stderr: readStream(errors.readEnd) } };
  } catch (thrown) {
    for (const fd of [output.readEnd, errors.readEnd, ...(input === undefined ? [] : [input.writeEnd])]) closeSync(fd);
    throw thrown;
  } finally {
    for (const fd of ofChild) closeSync(fd);
  }
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
  for (const stream of [stdin, stdout, stderr]) stream?.on('error', () => stream.destroy());
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
