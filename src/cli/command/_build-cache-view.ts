import { formatDecimalSize, formatRoughDuration } from '#base/units.ts';
import { shortId } from '../print/short.ts';
import { viewType, type View } from '../template/value.ts';

/** A record of a build cache in `GET /system/df`. */
export interface BuildCacheRecord {
  readonly ID: string;
  readonly Type: string;
  readonly Size: number;
  readonly InUse: boolean;
  readonly Shared: boolean;
  /** RFC 3339. */
  readonly CreatedAt: string;
  /** Null or absent: never. */
  readonly LastUsedAt?: string | null;
  readonly UsageCount: number;
}

export const buildCacheHeader = { ID: 'CACHE ID', CacheType: 'CACHE TYPE', Size: 'SIZE', CreatedSince: 'CREATED', LastUsedSince: 'LAST USED', UsageCount: 'USAGE', Shared: 'SHARED' };

/** As docker lists them: what was never used first, then by the time of the last use; of equal ones by their ids. */
export function inOrderOfUse(records: readonly BuildCacheRecord[]): readonly BuildCacheRecord[] {
  const keyOf = ({ LastUsedAt, ID }: BuildCacheRecord): string => `${LastUsedAt === undefined || LastUsedAt === null ? '' : sortable(LastUsedAt)} ${ID}`;
  return records.map((record) => [keyOf(record), record] as const).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)).map(([, record]) => record);
}

export function buildCacheView(record: BuildCacheRecord, nowMs: number): View {
  const since = (time: string): string => `${formatRoughDuration((nowMs - Date.parse(time)) / 1000)} ago`;
  return {
    [viewType]: '*formatter.buildCacheContext',
    ID: `${shortId(record.ID)}${record.InUse ? '*' : ''}`,
    CacheType: record.Type,
    Size: formatDecimalSize(record.Size, 3),
    CreatedSince: since(record.CreatedAt),
    LastUsedSince: record.LastUsedAt === undefined || record.LastUsedAt === null ? '' : since(record.LastUsedAt),
    UsageCount: String(record.UsageCount),
    Shared: String(record.Shared),
  };
}

/** Go leaves zeros at the end of a fraction away. */
function sortable(time: string): string {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.');
  return `${seconds}.${fraction.padEnd(9, '0')}`;
}
