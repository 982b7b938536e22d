import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { GantryError } from '#base/error.ts';
import { pipe, readStream, writeStream } from './pipe.ts';
import { posixSpawn, type SpawnRequest } from './spawn.ts';
import { waitForExit, type ExitStatus } from './wait.ts';

export interface RunRequest extends Pick<SpawnRequest, 'path' | 'argv' | 'env' | 'workingDirectory' | 'cgroupProcs'> {
  /** Written to its standard input, which is /dev/null otherwise. */
  readonly input?: Uint8Array;
  /** After this it is killed, with all of its process group. */
  readonly timeoutMs: number;
  /** For each of the two streams; more kills it. */
  readonly maxOutputBytes: number;
}

export interface RunResult extends ExitStatus {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

/** How long output may go on after the program ended, when something it started holds the pipes. */
const LINGER_MS = 500;

/**
 * Runs a program to its end. An exit code other than 0 is an answer, not an error. Throws 'interrupted' after the
 * timeout, 'too-large' for too much output, 'not-found' if there is no such program.
 */
export async function run(request: RunRequest): Promise<RunResult> {
  const { pid, output, errors, input } = start(request);
  const killGroup = (): void => void signalGroup(pid);
  const stdout = collect(output, request.maxOutputBytes, killGroup);
  const stderr = collect(errors, request.maxOutputBytes, killGroup);
  feed(input, request.input);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup();
  }, request.timeoutMs);
  try {
    const status = await waitForExit(pid);
    await Promise.race([Promise.all([stdout.closed, stderr.closed]), delay(LINGER_MS)]);
    refuseExcess(request, timedOut, stdout.exceeded || stderr.exceeded);
    return { ...status, stdout: stdout.bytes(), stderr: stderr.bytes() };
  } finally {
    clearTimeout(timer);
    for (const stream of [output, errors, input]) stream?.destroy();
  }
}

function start(request: RunRequest): { pid: number; output: Socket; errors: Socket; input: Socket | undefined } {
  const output = pipe();
  const errors = pipe();
  const input = request.input === undefined ? undefined : pipe();
  const ofChild = [output.writeEnd, errors.writeEnd, ...(input === undefined ? [] : [input.readEnd])];
  try {
    const { timeoutMs: _, maxOutputBytes: __, input: ___, ...spawn } = request;
    const pid = posixSpawn({
      ...spawn,
      newSession: true,
      files: [
        { fd: 0, source: input?.readEnd ?? 'null' },
        { fd: 1, source: output.writeEnd },
        { fd: 2, source: errors.writeEnd },
      ],
    });
    return {
      pid,
      output: readStream(output.readEnd),
      errors: readStream(errors.readEnd),
      input: input === undefined ? undefined : writeStream(input.writeEnd),
    };
  } catch (cause) {
    for (const fd of [output.readEnd, errors.readEnd, ...(input === undefined ? [] : [input.writeEnd])]) closeSync(fd);
    throw cause;
  } finally {
    for (const fd of ofChild) closeSync(fd);
  }
}

interface Collected {
  readonly closed: Promise<void>;
  exceeded: boolean;
  bytes(): Buffer;
}

function collect(stream: Socket, maxBytes: number, onExcess: () => void): Collected {
  const chunks: Buffer[] = [];
  let length = 0;
  const collected: Collected = {
    closed: new Promise((resolve) => stream.once('close', () => resolve())),
    exceeded: false,
    bytes: () => Buffer.concat(chunks),
  };
  stream.on('data', (chunk: Buffer) => {
    if (collected.exceeded) return;
    length += chunk.length;
    collected.exceeded = length > maxBytes;
    if (collected.exceeded) onExcess();
    else chunks.push(chunk);
  });
  stream.on('error', () => stream.destroy());
  return collected;
}

function feed(stream: Socket | undefined, input: Uint8Array | undefined): void {
  if (stream === undefined || input === undefined) return;
  // A program need not read all of its input: a closed pipe is its own business.
  stream.on('error', () => stream.destroy());
  stream.end(input);
}

function refuseExcess(request: RunRequest, timedOut: boolean, exceeded: boolean): void {
  const command = request.argv.join(' ');
  if (timedOut) {
    throw new GantryError('interrupted', `${command} did not end within ${request.timeoutMs} ms and was killed`);
  }
  if (exceeded) {
    throw new GantryError('too-large', `${command} wrote more than ${request.maxOutputBytes} bytes and was killed`);
  }
}

/** The program leads its own group and is not reaped before this can be called: the number cannot mean a stranger. */
function signalGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Ended in the meantime.
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
