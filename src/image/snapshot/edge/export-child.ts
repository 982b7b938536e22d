import { createHash } from 'node:crypto';
import { GantryError } from '#base/error.ts';
import { ByteSink } from './_byte-sink.ts';
import { reportResult } from './_child-result.ts';
import { DiffWriter } from './_diff-writer.ts';
import { LayerExport } from './_layer-export.ts';
import { CAPABILITY, enterSandbox } from './_sandbox.ts';

/**
 * Started as a process of its own: puts the tar of a stored layer together again, from its recipe on descriptor 4, its
 * replaced contents on 5 and its files, and writes it to descriptor 1. Fails where it is no longer what came in.
 */
export interface ExportOrder {
  readonly directory: string;
  /** Hex. */
  readonly sha256: string;
  /** No recipe: the tar is what a diff of the files is. */
  readonly isFromFiles: boolean;
}

function writeDiff(): string {
  const hash = createHash('sha256');
  new DiffWriter(new ByteSink(1, (bytes) => hash.update(bytes))).write();
  return hash.digest('hex');
}

void reportResult(() => {
  const { directory, sha256, isFromFiles } = JSON.parse(process.argv[2]!) as ExportOrder;
  // Attributes in trusted.* are shown to CAP_SYS_ADMIN only; the calls that make it dangerous are denied to this process.
  enterSandbox({ directory, writable: false, capabilities: [CAPABILITY.dacReadSearch, ...(isFromFiles ? [CAPABILITY.sysAdmin] : [])] });
  const actual = isFromFiles ? writeDiff() : new LayerExport().write();
  if (actual !== sha256) {
    throw new GantryError('internal', `the files of the layer sha256:${sha256} were changed on disk: its tar now hashes to sha256:${actual}`, {
      hint: 'Remove the image and pull it again.',
    });
  }
  return null;
});
