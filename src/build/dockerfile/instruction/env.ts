import { DockerfileError } from '../dockerfile-error.ts';
import type { Node, Pair } from '../parse/node.ts';
import { parseFlags } from './_flags.ts';
import { atLeastOneArgument } from './_refusals.ts';

/** `ENV key=value ...` and `ENV key value`. */
export interface EnvInstruction {
  readonly kind: 'env';
  readonly pairs: readonly Pair[];
}

export function parseEnv(node: Node): EnvInstruction {
  return { kind: 'env', pairs: parseNamedPairs(node, 'ENV') };
}

/** The pairs of ENV and LABEL; each has a name. */
export function parseNamedPairs({ flags, pairs }: Node, name: string): readonly Pair[] {
  parseFlags(flags, {});
  if (pairs.length === 0) throw atLeastOneArgument(name);
  if (pairs.some(({ key }) => key === '')) throw new DockerfileError(`${name} names can not be blank`, { token: '=' });
  return pairs;
}
