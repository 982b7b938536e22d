import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { GantryError } from '#base/error.ts';
import { lowDescriptors, openNft } from './linux/nftables.ts';

/** What the thread is told, and tells it apart from others that load this file. */
interface Order {
  readonly firewallCommands: string;
  readonly descriptor?: number;
}

/** A transaction of thousands of elements, in a thread that ends with it: libnftables waits for the kernel, and its memory goes. */
export function runFirewallThread(commands: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const descriptor = lowDescriptors.lend();
  const worker = new Worker(new URL(import.meta.url), { workerData: { firewallCommands: commands, ...(descriptor === undefined ? {} : { descriptor }) } satisfies Order });
  worker.once('message', (fault: string) => {
    if (fault === '') resolve();
    else reject(new GantryError('internal', fault));
  });
  worker.once('error', reject);
  worker.once('exit', () => reject(new GantryError('internal', 'the thread of the firewall ended without a word')));
  return promise.finally(() => lowDescriptors.restore());
}

if (!isMainThread && typeof (workerData as Partial<Order> | null)?.firewallCommands === 'string') {
  let fault = '';
  try {
    const { firewallCommands, descriptor } = workerData as Order;
    if (descriptor !== undefined) lowDescriptors.adopt(descriptor);
    using nft = openNft();
    nft.run(firewallCommands);
  } catch (thrown) {
    fault = thrown instanceof Error ? thrown.message : String(thrown);
  }
  parentPort?.postMessage(fault);
}
