export function primesBelow(limit: number): readonly number[] {
  return Array.from({ length: limit }, (_, index) => index).filter((n) => n > 1 && !Array.from({ length: n - 2 }, (_, index) => index + 2).some((d) => n % d === 0));
}
