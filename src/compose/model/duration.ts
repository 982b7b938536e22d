const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n], ['us', 1_000n], ['µs', 1_000n], ['μs', 1_000n], ['ms', 1_000_000n], ['s', 1_000_000_000n], ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n], ['d', 86_400_000_000_000n], ['w', 604_800_000_000_000n],
]);

/** `1m30s`, `1.5h`, `2d` in nanoseconds; undefined when it is no duration. */
export function parseDuration(text: string): bigint | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (rest === '0') return 0n;
  let total = 0n;
  let matched = '';
  for (const [part, whole = '', decimals = '', unit = ''] of rest.matchAll(/([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|[smhdw])/g)) {
    const size = UNITS.get(unit) ?? 0n;
    if (whole === '' && decimals === '') return undefined;
    total += BigInt(whole === '' ? 0 : whole) * size + (decimals === '' ? 0n : (BigInt(decimals) * size) / 10n ** BigInt(decimals.length));
    matched += part;
  }
  if (matched === '' || matched !== rest) return undefined;
  return sign === '-' ? -total : total;
}

/** Nanoseconds as Go prints a duration: `1m30s`, `1.5s`, `2µs`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s';
  const sign = nanoseconds < 0n ? '-' : '';
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (size < 1_000n) return `${sign}${size}ns`;
  if (size < 1_000_000n) return `${sign}${decimal(size, 1_000n)}µs`;
  if (size < 1_000_000_000n) return `${sign}${decimal(size, 1_000_000n)}ms`;
  const minutes = size / 60_000_000_000n;
  const seconds = decimal(size % 60_000_000_000n, 1_000_000_000n);
  if (minutes === 0n) return `${sign}${seconds}s`;
  return minutes < 60n ? `${sign}${minutes}m${seconds}s` : `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}s`;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = (value % unit).toString().padStart(unit.toString().length - 1, '0').replace(/0+$/, '');
  return fraction === '' ? `${value / unit}` : `${value / unit}.${fraction}`;
}
