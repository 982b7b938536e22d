/** Spans of whole hours: below the limit, the age is counted in so many hours, in this word. */
const LONG_SPANS: readonly (readonly [limitHours: number, unitHours: number, word: string])[] = [
  [48, 1, 'hours'],
  [24 * 7 * 2, 24, 'days'],
  [24 * 30 * 2, 24 * 7, 'weeks'],
  [24 * 365 * 2, 24 * 30, 'months'],
];

/** A span of time in docker's words: `Less than a second`, `5 minutes`, `About an hour`, `3 weeks`. Hours are rounded, the rest cut. */
export function humanDuration(seconds: number): string {
  const whole = Math.trunc(seconds);
  if (whole < 1) return 'Less than a second';
  if (whole < 60) return whole === 1 ? '1 second' : `${whole} seconds`;
  const minutes = Math.trunc(whole / 60);
  if (minutes < 60) return minutes === 1 ? 'About a minute' : `${minutes} minutes`;
  const hours = Math.trunc(seconds / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  const span = LONG_SPANS.find(([limit]) => hours < limit);
  if (span !== undefined) return `${Math.trunc(hours / span[1])} ${span[2]}`;
  return `${Math.trunc(Math.trunc(seconds / 3600) / 24 / 365)} years`;
}
