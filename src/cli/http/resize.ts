import { setTimeout as delay } from 'node:timers/promises';
import type { OutputStream } from '../io.ts';
import type { ApiClient } from './api-client.ts';

const ATTEMPTS = 10;

/** Keeps a container's terminal as large as ours. `resizePath` is the API's, of a container or an exec. The answer ends it. */
export function followTerminalSize(client: ApiClient, resizePath: string, stdout: OutputStream): () => void {
  let stopped = false;
  const tell = async (): Promise<void> => {
    const { rows = 0, columns = 0 } = stdout;
    if (rows > 0 || columns > 0) await client.text('POST', resizePath, { query: { h: rows, w: columns } });
  };
  const first = async (): Promise<void> => {
    // The process may not have its terminal yet.
    for (let attempt = 1; attempt <= ATTEMPTS && !stopped; attempt++) {
      if (await tell().then(() => true, () => false)) return;
      await delay(attempt * 10);
    }
  };
  const again = (): void => void tell().catch(() => undefined);
  void first();
  stdout.on('resize', again);
  return () => {
    stopped = true;
    stdout.off('resize', again);
  };
}
