import { isIP } from 'node:net';

const WHOLE: Readonly<Record<string, readonly [number, number]>> = {
  uint8: [0, 2 ** 8 - 1], uint16: [0, 2 ** 16 - 1], uint32: [0, 2 ** 32 - 1], uint64: [0, 2 ** 64], int64: [-(2 ** 63), 2 ** 63],
};
const RFC3339 = /^\d{4}-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function isCidr(text: string): boolean {
  const [address = '', length = '', ...rest] = text.split('/');
  const family = isIP(address);
  return rest.length === 0 && family !== 0 && /^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128);
}

/** Go's time, which has an hour of 23 and a second of 59 at most. */
function isTime(text: string): boolean {
  const [, month, day, hour, minute, second] = RFC3339.exec(text) ?? [];
  return month !== undefined && Number(month) >= 1 && Number(month) <= 12 && Number(day) >= 1 && Number(day) <= 31 && Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60;
}

/** Why a value is not of its format, or undefined. A format that nobody checks is an error: it would pass everything. */
export function formatFault(format: string | undefined, value: unknown): string | undefined {
  if (format === undefined || format === 'binary') return undefined;
  const range = Object.hasOwn(WHOLE, format) ? WHOLE[format] : undefined;
  if (range !== undefined) return typeof value === 'number' && value >= range[0] && value <= range[1] ? undefined : `${String(value)} is no ${format}`;
  const text = String(value);
  switch (format) {
    case 'dateTime':
    case 'date-time': return isTime(text) ? undefined : `"${text}" is no time of RFC 3339`;
    case 'ip-address': return isIP(text) !== 0 ? undefined : `"${text}" is no address`;
    case 'CIDR': return isCidr(text) ? undefined : `"${text}" is no subnet`;
    case 'uri': return URL.canParse(text) ? undefined : `"${text}" is no URI`;
    default: throw new Error(`the description has a format that is not checked: ${format}`);
  }
}
