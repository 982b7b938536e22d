type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

/** JSON as template values: integers beyond 2^53 become bigint, so that no digit is lost. */
export function parseJsonExactly(text: string): unknown {
  const revive: Reviver = (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?[0-9]+$/.test(context?.source ?? '') ? BigInt(context?.source ?? 0) : value;
  return JSON.parse(text, revive);
}
