import { ByteSink, runAll } from './_byte-sink.ts';
import { CHILD_FD, reportResult } from './_child-result.ts';
import { checkSame, tarSteps } from './_layer-tar.ts';
import { CAPABILITY, enterSandbox } from './_sandbox.ts';
import { Sha256 } from './_sha256.ts';

/**
 * Started as a process of its own: puts the tar of a stored layer together again, from its recipe on descriptor 4, its
 * replaced contents on 5 and its files, and writes it to descriptor 1. Fails where it is no longer what came in.
 */
export interface ExportOrder {
  readonly directory: string;
  readonly diffId: string;
  /** Of the tar, in hex. */
  readonly sha256: string;
  /** No recipe: the tar is what a diff of the files is. */
  readonly isFromFiles: boolean;
}

void reportResult(() => {
  const { directory, diffId, sha256, isFromFiles } = JSON.parse(process.argv[2]!) as ExportOrder;
  // Attributes in trusted.* are shown to CAP_SYS_ADMIN only; the calls that make it dangerous are denied to this process.
  enterSandbox({ directory, writable: false, capabilities: [CAPABILITY.dacReadSearch, ...(isFromFiles ? [CAPABILITY.sysAdmin] : [])] });
  const hash = new Sha256();
  const sink = new ByteSink(1, (bytes) => { hash.update(bytes); return undefined; });
  runAll(tarSteps(sink, isFromFiles ? undefined : CHILD_FD));
  checkSame(diffId, { sha256 }, { sha256: hash.end() });
  return null;
});
