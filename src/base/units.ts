/*
 * The quantities that people read, by the rules of docker/go-units (size.go, duration.go), so that every value that the
 * docker CLI prints is printed alike here.
 */

const DECIMAL_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB'] as const;
const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB'] as const;

/** Four significant digits by default: `1.234MB`. `docker images` prints three. */
export function formatDecimalSize(bytes: number, digits = 4): string {
  return formatSize(bytes, 1000, DECIMAL_UNITS, digits);
}

/** `1.5GiB`, `15.62MiB`. */
export function formatBinarySize(bytes: number, digits = 4): string {
  return formatSize(bytes, 1024, BINARY_UNITS, digits);
}

function formatSize(bytes: number, base: number, units: readonly string[], digits: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= base && unit < units.length - 1) {
    size /= base;
    unit++;
  }
  return significant(size, digits) + units[unit];
}

/** C's `%.<digits>g`, as Go renders it: exact halves go to the even digit, 999.9 at three digits is `1e+03`. */
function significant(value: number, digits: number): string {
  const exact = value.toPrecision(60);
  const exactDigits = exact.replace('.', '').replace(/^0+/, '');
  const tie = /^50*$/.test(exactDigits.slice(digits)) && '02468'.includes(exactDigits[digits - 1] ?? '');
  const rounded = tie ? exact.slice(0, value >= 10 ** (digits - 1) ? digits : digits + 1) : value.toPrecision(digits);
  const [mantissa = '', exponent] = rounded.split('e');
  const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa;
  return exponent === undefined ? short : `${short}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}

/** How long ago, in words: `Less than a second`, `About an hour`, `3 weeks`. */
export function formatRoughDuration(durationSeconds: number): string {
  const seconds = Math.trunc(durationSeconds);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.trunc(durationSeconds / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`;
  return `${Math.trunc(durationSeconds / 3600 / 24 / 365)} years`;
}
