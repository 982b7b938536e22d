import { GantryError } from '#base/error.ts';
import { reportResult } from './_child-result.ts';
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
}

await reportResult(() => {
  const { directory, sha256 } = JSON.parse(process.argv[2]!) as ExportOrder;
  enterSandbox({ directory, writable: false, capabilities: [CAPABILITY.dacReadSearch] });
  const actual = new LayerExport().write();
  if (actual !== sha256) {
    throw new GantryError('internal', `the files of the layer sha256:${sha256} were changed on disk: its tar now hashes to sha256:${actual}`, {
      hint: 'Remove the image and pull it again.',
    });
  }
  return null;
});
