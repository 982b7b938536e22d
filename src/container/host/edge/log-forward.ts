import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { messageOf } from '#base/error.ts';
import type { LogForward, RunningForward } from '../port.ts';
import { readPlacedLog, type LogPlace } from './conmon-log.ts';
import { openSender, type LogSender } from './log-sender.ts';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** How much may be sent twice after a crash. */
const SAVE_EVERY_MS = 1000;

function readPlace(path: string): LogPlace {
  try {
    const { sequence, offset } = JSON.parse(readFileSync(path, 'utf8')) as LogPlace;
    return { sequence: Number(sequence), offset: Number(offset) };
  } catch {
    return { sequence: 0, offset: 0 };
  }
}

/**
 * Sends a log on as it grows, from where it was left: the file is what the monitor writes with or without a daemon, so a
 * line is sent late after a restart, and at worst twice after a crash, but not lost.
 */
export function forwardLog({ path, placePath, target, isLive }: LogForward, log: (line: string) => void): RunningForward {
  let place = readPlace(placePath);
  let savedMs = 0;
  let isStopped = false;
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = () => {
      isStopped = true;
      resolve();
    };
  });

  function save(): void {
    try {
      writeFileSync(`${placePath}.new`, JSON.stringify(place), { mode: 0o600 });
      renameSync(`${placePath}.new`, placePath);
      savedMs = performance.now();
    } catch {
      // The container is being removed.
    }
  }

  async function sendAll(sender: LogSender): Promise<void> {
    for await (const { record, end } of readPlacedLog(path, place, { follow: true, isLive: () => !isStopped && isLive() })) {
      if (isStopped) return;
      await sender.send(record);
      place = end;
      if (performance.now() - savedMs > SAVE_EVERY_MS) save();
    }
  }

  async function run(): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !isStopped; retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      const before = place;
      let sender: LogSender | undefined;
      try {
        sender = await openSender(target);
        await sendAll(sender);
        return;
      } catch (thrown) {
        if (place !== before) retryMs = FIRST_RETRY_MS;
        log(`${path} could not be sent on: ${messageOf(thrown)}; trying again in ${retryMs} ms`);
      } finally {
        sender?.close();
        save();
      }
      await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, retryMs).unref())]);
    }
  }

  return { stop, done: run() };
}
