import type { ContainerIo } from '../io.ts';
import { connectSeqpacket } from './linux/seqpacket.ts';

/** conmon's first byte of a record says which stream it is of. */
const STDERR = 3;

/**
 * A connection to conmon's attach socket as the engine's io.
 * @param stdin whether this connection may write, and so end, the container's standard input
 */
export function connectIo(directory: string, options: { stdin: boolean }): ContainerIo {
  const { records, input, destroy } = connectSeqpacket(`${directory}/attach`);
  let ended = false;
  let output: (stream: 1 | 2, bytes: Uint8Array) => void = () => {};
  let onEnd: (() => void) | undefined;
  const end = (): void => {
    if (ended) return;
    ended = true;
    onEnd?.();
    destroy();
  };
  records.on('data', (record: Buffer) => output(record[0] === STDERR ? 2 : 1, record.subarray(1)));
  records.on('end', end);
  records.on('error', end);
  records.on('close', end);
  // Nothing is read before somebody listens; the kernel keeps it until then.
  records.pause();
  return {
    onOutput: (callback) => {
      output = callback;
      records.resume();
    },
    onEnd: (callback) => {
      onEnd = callback;
      if (ended) callback();
    },
    write: (bytes) => (!options.stdin || input.destroyed || input.writableEnded ? true : input.write(bytes)),
    onDrain: (callback) => void input.on('drain', callback),
    endInput: () => {
      if (options.stdin && !input.destroyed && !input.writableEnded) input.end();
    },
    pause: () => void records.pause(),
    resume: () => void records.resume(),
    close: () => {
      ended = true;
      destroy();
    },
    abort: end,
  };
}
