import { DockerfileError } from '../dockerfile-error.ts';
import type { Node } from '../parse/node.ts';
import { trim } from '../_space.ts';
import { parseFlags } from './_flags.ts';
import { atLeastOneArgument } from './_refusals.ts';

/** `VOLUME path ...`, as words or as JSON. */
export interface VolumeInstruction {
  readonly kind: 'volume';
  readonly paths: readonly string[];
}

export function parseVolume({ args, flags }: Node): VolumeInstruction {
  if (args.length === 0) throw atLeastOneArgument('VOLUME');
  parseFlags(flags, {});
  const paths = args.map(trim);
  if (paths.includes('')) throw new DockerfileError('VOLUME specified can not be an empty string', { token: '""' });
  return { kind: 'volume', paths };
}
