import type { Node } from '../parse/node.ts';
import { exactlyOneArgument } from './_refusals.ts';

/** `STOPSIGNAL signal`. BuildKit reads no flags here, and passes over those that are written. */
export interface StopSignalInstruction {
  readonly kind: 'stopsignal';
  readonly signal: string;
}

export function parseStopSignal({ args }: Node): StopSignalInstruction {
  const [signal] = args;
  if (signal === undefined || args.length !== 1) throw exactlyOneArgument('STOPSIGNAL');
  return { kind: 'stopsignal', signal };
}
