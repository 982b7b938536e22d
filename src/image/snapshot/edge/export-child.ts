import { createHash } from 'node:crypto';
import { GantryError } from '#base/error.ts';
import { ByteSink } from './_byte-sink.ts';
import { reportResult } from './_child-result.ts';
import { DiffWriter } from './_diff-writer.ts';
import { LayerExport } from './_layer-export.ts';
import { GzipThread } from './_gzip-thread.ts';
import { CAPABILITY, enterSandbox } from './_sandbox.ts';

/**
 * Started as a process of its own: puts the tar of a stored layer together again, from its recipe on descriptor 4, its
 * replaced contents on 5 and its files, and writes it to descriptor 1, as it is or as gzip. Fails where it is no longer what
 * came in.
 */
export interface ExportOrder {
  readonly directory: string;
  /** Hex. */
  readonly sha256: string;
  /** No recipe: the tar is what a diff of the files is. */
  readonly isFromFiles: boolean;
  /** Compressed by the thread that Node makes of these arguments; then the result is a `GzipResult`. */
  readonly gzip?: readonly string[];
}

function write(sink: ByteSink, isFromFiles: boolean): void {
  if (isFromFiles) new DiffWriter(sink).write();
  else new LayerExport(sink).write();
}

void reportResult(async () => {
  const { directory, sha256, isFromFiles, gzip: start } = JSON.parse(process.argv[2]!) as ExportOrder;
  const gzip = start === undefined ? undefined : await GzipThread.start(start);
  // Attributes in trusted.* are shown to CAP_SYS_ADMIN only; the calls that make it dangerous are denied to this process.
  enterSandbox({ directory, writable: false, capabilities: [CAPABILITY.dacReadSearch, ...(isFromFiles ? [CAPABILITY.sysAdmin] : [])] });
  const hash = createHash('sha256');
  const sink = gzip === undefined ? new ByteSink(1, (bytes) => void hash.update(bytes)) : new ByteSink(undefined, (bytes) => {
    hash.update(bytes);
    gzip.put(bytes.length);
    return gzip.room();
  }, gzip.room());
  write(sink, isFromFiles);
  const compressed = await gzip?.end();
  const actual = hash.digest('hex');
  if (actual !== sha256) {
    throw new GantryError('internal', `the files of the layer sha256:${sha256} were changed on disk: its tar now hashes to sha256:${actual}`, {
      hint: 'Remove the image and pull it again.',
    });
  }
  return compressed ?? null;
});
