import { formatDecimalSize } from './units.ts';

export interface ProgressDetail {
  readonly current?: number;
  readonly total?: number;
  /** Seconds since the epoch. */
  readonly start?: number;
  readonly hidecounts?: boolean;
  readonly units?: string;
}

const BAR = 50;
/** Below this width a line has no room for the bar. */
const BAR_TERMINAL_WIDTH = 110;

/** `[====>    ]  1.2MB/3.4MB`, in a terminal of so many columns. Empty when there is nothing to show. */
export function progressLine(detail: ProgressDetail, columns: number): string {
  const { current = 0, total = 0, units = '' } = detail;
  if (current <= 0 && total <= 0) return '';
  if (total <= 0) return amount(current, units).padStart(8);
  const filled = Math.min(BAR, Math.trunc(Math.trunc((current / total) * 100) / 2));
  const bar = columns > BAR_TERMINAL_WIDTH ? `[${'='.repeat(filled)}>${' '.repeat(BAR - filled)}] ` : '';
  return bar + (detail.hidecounts === true ? '' : counts(current, total, units));
}

function counts(current: number, total: number, units: string): string {
  const now = units === '' ? formatDecimalSize(current).padStart(8) : String(current);
  if (current > total) return units === '' ? now : `${now} ${units}`;
  return units === '' ? `${now}/${formatDecimalSize(total)}` : `${now}/${total} ${units}`;
}

function amount(current: number, units: string): string {
  return units === '' ? formatDecimalSize(current) : `${current} ${units}`;
}
