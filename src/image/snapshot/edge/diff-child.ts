import { ByteSink } from './_byte-sink.ts';
import { reportResult } from './_child-result.ts';
import { DiffWriter } from './_diff-writer.ts';
import { isFileOfTheRuntime } from './_runtime-files.ts';
import { CAPABILITY, enterSandbox } from './_sandbox.ts';

/**
 * Started as a process of its own: writes a snapshot's upper directory to descriptor 1 as a layer's tar. The directory
 * belongs to a container that may still run and change it, so it is this process's root, and read-only.
 */
export interface DiffOrder {
  readonly directory: string;
}

void reportResult(() => {
  const { directory } = JSON.parse(process.argv[2]!) as DiffOrder;
  // Attributes in trusted.* are shown to CAP_SYS_ADMIN only; the calls that make it dangerous are denied to this process.
  enterSandbox({ directory, writable: false, capabilities: [CAPABILITY.dacReadSearch, CAPABILITY.sysAdmin] });
  new DiffWriter(new ByteSink(1), { isLeftOut: isFileOfTheRuntime }).write();
  return null;
});
