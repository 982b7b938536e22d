import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { GantryError } from '#base/error.ts';
import { openNft } from './linux/nftables.ts';

/** What the thread is told, and tells it apart from others that load this file. */
interface Order {
  readonly firewallCommands: string;
}

/** A transaction of thousands of elements, in a thread that ends with it: libnftables waits for the kernel, and its memory goes. */
export function runFirewallThread(commands: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const worker = new Worker(new URL(import.meta.url), { workerData: { firewallCommands: commands } satisfies Order });
  worker.once('message', (fault: string) => {
    if (fault === '') resolve();
    else reject(new GantryError('internal', fault));
  });
  worker.once('error', reject);
  worker.once('exit', () => reject(new GantryError('internal', 'the thread of the firewall ended without a word')));
  return promise;
}

if (!isMainThread && typeof (workerData as Partial<Order> | null)?.firewallCommands === 'string') {
  let fault = '';
  try {
    using nft = openNft();
    nft.run((workerData as Order).firewallCommands);
  } catch (thrown) {
    fault = thrown instanceof Error ? thrown.message : String(thrown);
  }
  parentPort?.postMessage(fault);
}
