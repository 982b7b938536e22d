/** How many operands a command takes. */
export type Arity =
  | { readonly kind: 'none' }
  | { readonly kind: 'exact'; readonly count: number }
  | { readonly kind: 'at-least'; readonly count: number }
  | { readonly kind: 'range'; readonly min: number; readonly max: number };

export const noOperands: Arity = { kind: 'none' };
export const exactly = (count: number): Arity => ({ kind: 'exact', count });
export const atLeast = (count: number): Arity => ({ kind: 'at-least', count });
export const between = (min: number, max: number): Arity => ({ kind: 'range', min, max });

/** What is wrong with the number of operands, as docker says it after the command's name. Undefined when it is right. */
export function arityComplaint(arity: Arity, count: number): string | undefined {
  switch (arity.kind) {
    case 'none':
      return count === 0 ? undefined : 'accepts no arguments';
    case 'exact':
      return count === arity.count ? undefined : `requires ${plural(arity.count)}`;
    case 'at-least':
      return count >= arity.count ? undefined : `requires at least ${plural(arity.count)}`;
    case 'range':
      if (count >= arity.min && count <= arity.max) return undefined;
      return arity.min === 0 ? `requires at most ${plural(arity.max)}` : `requires at least ${arity.min} and at most ${plural(arity.max)}`;
  }
}

function plural(count: number): string {
  return `${count} ${count === 1 ? 'argument' : 'arguments'}`;
}
