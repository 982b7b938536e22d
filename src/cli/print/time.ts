/** Times as docker's lists and events print them, in the zone of the machine. Seconds and nanoseconds are since the epoch. */

/** `2026-11-23 22:01:05 +0000 UTC` */
export function goTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${localDay(date)} ${localClock(date)} ${offset(date, '')} ${zoneName(date)}`;
}

/** `2026-11-23T22:01:05.123456789Z`, always nine digits. */
export function eventTime(nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / 1_000_000n));
  const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, '0');
  const zone = date.getTimezoneOffset() === 0 ? 'Z' : offset(date, ':');
  return `${localDay(date)}T${localClock(date)}.${fraction}${zone}`;
}

/** An RFC 3339 time in the form `Mon Jan _2 15:04:05 2006` of its own zone; anything else as it is. */
export function buildTime(text: string): string {
  const match = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(text);
  if (match === null) return text;
  const [, day = '', clock = ''] = match;
  const date = new Date(`${day}T00:00:00Z`);
  const [weekday = '', month = ''] = [
    ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getUTCDay()],
    ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'][date.getUTCMonth()],
  ];
  return `${weekday} ${month} ${String(date.getUTCDate()).padStart(2)} ${clock} ${date.getUTCFullYear()}`;
}

function localDay(date: Date): string {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function localClock(date: Date): string {
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function offset(date: Date, separator: string): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.trunc(size / 60))}${separator}${two(size % 60)}`;
}

/** English of different countries knows the short names of different zones. */
const LOCALES = ['en-US', 'en-GB', 'en-IN', 'en-AU', 'en-ZA'];

function zoneName(date: Date): string {
  for (const locale of LOCALES) {
    const parts = new Intl.DateTimeFormat(locale, { timeZoneName: 'short' }).formatToParts(date);
    const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? '';
    if (/^[A-Z]{3,5}$/.test(name)) return name;
  }
  // A zone without a name is called by its offset, in hours where they are whole.
  return offset(date, '').replace(/00$/, '');
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
