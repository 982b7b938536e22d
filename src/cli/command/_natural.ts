/**
 * Order of names in which `net2` comes before `net10`: runs of digits compare as numbers, of equal ones the one with fewer zeros before it
 * comes first, and all else goes by code point.
 */
export function compareNaturally(a: string, b: string): number {
  const [left, right] = [runs(a), runs(b)];
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    if (part === other) continue;
    const bothNumbers = /^[0-9]/.test(part) && /^[0-9]/.test(other);
    if (bothNumbers) return BigInt(part) === BigInt(other) ? part.length - other.length : BigInt(part) < BigInt(other) ? -1 : 1;
    return part < other ? -1 : 1;
  }
  return left.length - right.length;
}

function runs(text: string): readonly string[] {
  return text.match(/[0-9]+|[^0-9]+/g) ?? [];
}
