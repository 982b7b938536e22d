import type { Node, Pair } from '../parse/node.ts';
import { parseNamedPairs } from './env.ts';

/** `LABEL key=value ...`. */
export interface LabelInstruction {
  readonly kind: 'label';
  readonly pairs: readonly Pair[];
}

export function parseLabel(node: Node): LabelInstruction {
  return { kind: 'label', pairs: parseNamedPairs(node, 'LABEL') };
}
