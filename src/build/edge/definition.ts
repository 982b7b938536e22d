import { createHash } from 'node:crypto';
import { OP } from '../wire/common.ts';
import { decode, encode, type Decoded, type Init } from '../wire/protobuf.ts';
import type { DEFINITION } from '../wire/common.ts';
import { isKind } from '#base/error.ts';

const SCHEME = 'gantry-ref://';

/**
 * A result of ours as the client sees it: a definition of two operations, of which the first names the result. Clients do not
 * look into it; one whose build stands on another's passes it back, and it is known again.
 */
export function definitionOf(id: string): Init<typeof DEFINITION> {
  const source = encode(OP, { source: { identifier: SCHEME + id, attrs: new Map() } });
  const digest = digestOf(source);
  const end = encode(OP, { inputs: [{ digest, index: 0 }] });
  return { def: [source, end], metadata: new Map([[digest, {}], [digestOf(end), {}]]) };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Undefined for a definition that is none of ours. */
export function refOfDefinition({ def }: Pick<Decoded<typeof DEFINITION>, 'def'>): string | undefined {
  for (const bytes of def) {
    try {
      const identifier = decode(OP, bytes).source?.identifier ?? '';
      if (identifier.startsWith(SCHEME)) return identifier.slice(SCHEME.length);
    } catch (thrown) {
      if (!isKind(thrown, 'invalid')) throw thrown;
    }
  }
  return undefined;
}
