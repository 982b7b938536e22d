import { Cron } from 'croner';
import { timeText } from './object.ts';

/** When something recurs. Times are milliseconds since 1970. */
export interface Schedule {
  /** The first time after this one; undefined for what never comes, the 31st of February for one. */
  next(afterMs: number): number | undefined;
  /** The last time that is after the first one and not after the second. */
  last(afterMs: number, untilMs: number): number | undefined;
}

const FIELDS = [
  { least: 0, most: 59, names: [] }, { least: 0, most: 23, names: [] }, { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'] },
  { least: 0, most: 6, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] },
] as const;
const SHORT: Readonly<Record<string, string>> = { '@yearly': '0 0 1 1 *', '@annually': '0 0 1 1 *', '@monthly': '0 0 1 * *', '@weekly': '0 0 * * 0', '@daily': '0 0 * * *', '@midnight': '0 0 * * *', '@hourly': '0 * * * *' };
const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 };
/** Between two guesses of the last time, nothing shorter than this recurs. */
const SECOND_MS = 1_000;

/**
 * What `batch.v1.CronJobSpec.schedule` says (kubernetes.io, "CronJob", Schedule syntax): five fields, a name like `@hourly`, or
 * `@every` and a duration.
 * @param timeZone of the IANA's list
 * @returns undefined where it is none of these
 */
export function parseSchedule(text: string, timeZone = 'UTC'): Schedule | undefined {
  const every = /^@every ((?:\d+[hms])+)$/.exec(text)?.[1];
  if (every !== undefined) return everySo(every);
  const fields = (SHORT[text] ?? text).trim().split(/\s+/);
  const plain = fields.map((field, at) => plainField(field, FIELDS[at]));
  if (fields.length !== FIELDS.length || plain.includes(undefined) || !isTimeZone(timeZone)) return undefined;
  // A day of the month and one of the week are alternatives, unless one of them is a star.
  const isBoth = [fields[2], fields[4]].some((field) => field?.startsWith('*') === true || field?.startsWith('?') === true);
  const cron = new Cron(plain.join(' '), { timezone: timeZone, paused: true, domAndDow: isBoth });
  const next = (afterMs: number): number | undefined => cron.nextRun(new Date(afterMs))?.getTime();
  return { next, last: (afterMs, untilMs) => lastOf(next, afterMs, untilMs) };
}

/** RFC 3339 in whole seconds, with the offset that the zone has then: `2026-01-01T09:30:00+05:30`, or `Z` for none. */
export function timeInZone(ms: number, timeZone = 'UTC'): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(new Date(ms));
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '') ?? [];
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '+' ? 1 : -1);
  return Number.isNaN(offsetMs) || offsetMs === 0 ? timeText(ms) : timeText(ms + offsetMs).replace('Z', `${sign}${hours}:${minutes}`);
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The field as every cron understands it: `5/15` starts at 5, and `?` is a star. */
function plainField(field: string, range: typeof FIELDS[number] | undefined): string | undefined {
  if (range === undefined) return undefined;
  const parts = field.split(',').map((part) => {
    const [, whole, first = '', second, step] = /^(?:([*?])|(\d{1,2}|[A-Za-z]{3})(?:-(\d{1,2}|[A-Za-z]{3}))?)(?:\/(\d{1,2}))?$/.exec(part) ?? [];
    if (step !== undefined && Number(step) < 1) return undefined;
    const stride = step === undefined ? '' : `/${step}`;
    if (whole !== undefined) return `*${stride}`;
    const [from, to] = [valueOf(first, range), second === undefined ? undefined : valueOf(second, range)];
    if (from === undefined || (second !== undefined && (to === undefined || to < from))) return undefined;
    return second === undefined ? (step === undefined ? `${from}` : `${from}-${range.most}${stride}`) : `${from}-${to}${stride}`;
  });
  return parts.includes(undefined) ? undefined : parts.join();
}

function valueOf(text: string, { least, most, names }: typeof FIELDS[number]): number | undefined {
  const named = (names as readonly string[]).indexOf(text.toUpperCase());
  const value = named >= 0 ? named + least : /^\d+$/.test(text) ? Number(text) : -1;
  return value >= least && value <= most ? value : undefined;
}

function everySo(duration: string): Schedule | undefined {
  const ms = [...duration.matchAll(/(\d+)([hms])/g)].reduce((total, [, count, unit = 's']) => total + Number(count) * (UNITS[unit] ?? 0), 0);
  if (ms < SECOND_MS || !Number.isSafeInteger(ms)) return undefined;
  return { next: (afterMs) => afterMs + ms, last: (afterMs, untilMs) => untilMs - afterMs < ms ? undefined : afterMs + Math.floor((untilMs - afterMs) / ms) * ms };
}

/** By halves: what comes next only ever grows. */
function lastOf(next: Schedule['next'], afterMs: number, untilMs: number): number | undefined {
  const isBefore = (ms: number): boolean => (next(ms) ?? Number.POSITIVE_INFINITY) <= untilMs;
  if (!isBefore(afterMs)) return undefined;
  let [low, high] = [afterMs, untilMs];
  while (high - low > SECOND_MS) {
    const middle = Math.floor((low + high) / 2);
    if (isBefore(middle)) low = middle;
    else high = middle;
  }
  return next(low);
}
