import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { GantryError } from '#base/error.ts';

/** Clients send the size as soon as they are connected, which is before the terminal is made. */
const PATIENCE_MS = 2000;
const LOOK_EVERY_MS = 20;

/**
 * Sets the size of the terminal of a container or an exec, and waits a while for it to be there.
 * @throws GantryError conflict where it is not, or no longer
 */
export async function resizeTerminal(directory: string, rows: number, columns: number): Promise<void> {
  const fifo = await openControl(directory);
  try {
    // conmon's word for a resize.
    writeSync(fifo, `1 ${rows} ${columns}\n`);
  } finally {
    closeSync(fifo);
  }
}

/** conmon's control FIFO, which can be opened for writing only while conmon reads it. */
async function openControl(directory: string): Promise<number> {
  for (const deadline = performance.now() + PATIENCE_MS; ;) {
    try {
      return openSync(`${directory}/ctl`, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (cause) {
      if (performance.now() > deadline) throw new GantryError('conflict', 'the terminal is not there yet, or no longer', { cause });
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
