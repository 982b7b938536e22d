import { createHash } from 'node:crypto';
import { GantryError } from '#base/error.ts';
import { ByteSink, runAll, writeAll, type Steps } from './_byte-sink.ts';
import { CHILD_FD, reportProgress, reportResult } from './_child-result.ts';
import { ChunkedOutput } from './_chunked-output.ts';
import { DiffWriter } from './_diff-writer.ts';
import { GzipOutput, type GzipResult } from './_gzip-output.ts';
import { LayerExport } from './_layer-export.ts';
import { CAPABILITY, enterSandbox } from './_sandbox.ts';

/**
 * Started as a process of its own: puts the tar of a stored layer together again, from its recipe on descriptor 4, its
 * replaced contents on 5 and its files, and writes it to descriptor 1, as it is or as gzip. Fails where it is no longer what
 * came in.
 */
export interface ExportOrder {
  readonly directory: string;
  readonly diffId: string;
  /** What the tar was: in hex, or as a number where it goes out as gzip, which has that of it anyway. */
  readonly expected: { readonly sha256: string } | { readonly crc32: number };
  /** No recipe: the tar is what a diff of the files is. */
  readonly isFromFiles: boolean;
  /** Then the result is a `GzipResult`. */
  readonly isGzip: boolean;
  /** The gzip goes to the connection on descriptor 6, in chunks without the last, and after each it is reported how much has gone. */
  readonly isChunked?: boolean;
}

void reportResult(async () => {
  const order = JSON.parse(process.argv[2]!) as ExportOrder;
  const { directory, isFromFiles } = order;
  // Attributes in trusted.* are shown to CAP_SYS_ADMIN only; the calls that make it dangerous are denied to this process.
  enterSandbox({ directory, writable: false, capabilities: [CAPABILITY.dacReadSearch, ...(isFromFiles ? [CAPABILITY.sysAdmin] : [])] });
  return order.isGzip ? compressed(order) : plain(order);
});

function plain(order: ExportOrder): null {
  const hash = createHash('sha256');
  runAll(tarSteps(new ByteSink(1, (bytes) => { hash.update(bytes); return undefined; }), order));
  checkSame(order, { sha256: hash.digest('hex') });
  return null;
}

async function compressed(order: ExportOrder): Promise<GzipResult> {
  const { expected } = order;
  const hash = 'sha256' in expected ? createHash('sha256') : undefined;
  const gzip = new GzipOutput(order.isChunked === true ? chunks() : (bytes) => writeAll(1, bytes));
  const sink = new ByteSink(undefined, (bytes) => {
    hash?.update(bytes);
    return gzip.put(bytes);
  });
  for (const _ of tarSteps(sink, order)) if (gzip.isFull) await gzip.settled();
  const result = await gzip.end();
  checkSame(order, hash === undefined ? { crc32: gzip.checksum } : { sha256: hash.digest('hex') });
  return result;
}

function chunks(): (bytes: Uint8Array) => void {
  const output = new ChunkedOutput(CHILD_FD.connection);
  let sent = 0;
  return (bytes) => {
    output.write(bytes);
    sent += bytes.length;
    reportProgress(sent);
  };
}

function tarSteps(sink: ByteSink, { isFromFiles }: ExportOrder): Steps {
  return isFromFiles ? new DiffWriter(sink).steps() : new LayerExport(sink).steps();
}

function checkSame({ diffId, expected }: ExportOrder, actual: ExportOrder['expected']): void {
  const [was, is] = [expected, actual].map((sum) => ('sha256' in sum ? `sha256:${sum.sha256}` : `the CRC-32 ${sum.crc32.toString(16)}`));
  if (was === is) return;
  throw new GantryError('internal', `the files of the layer ${diffId} were changed on disk: its tar, which had ${was}, now has ${is}`, {
    hint: 'Remove the image and pull it again.',
  });
}
