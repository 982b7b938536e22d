/** Ids, times, addresses, ports that were drawn, and where things lie on disk: of two equal transcripts only these differ. */
export function normaliseText(text: string): string {
  return text
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:<id>')
    .replaceAll(/\b[0-9a-f]{64}\b|\b[0-9a-f]{12}\b/g, '<id>')
    .replaceAll(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)/g, (time) => (time.startsWith('0001-') || time.startsWith('1970-') ? time : '<time>'))
    .replaceAll(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4} [A-Z]+/g, '<time>')
    .replaceAll(/(execDuration\\?"?[:=]\\?"?)\d+/g, '$1<seconds>')
    .replaceAll(/(Less than a second|About a minute|\d+ (second|minute)s?)( ago)?/g, '<age>$3')
    .replaceAll(/\b172\.\d+\.\d+\.\d+\b/g, '<address>')
    .replaceAll(/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '<mac>')
    .replaceAll(/(0\.0\.0\.0|127\.0\.0\.1|\[::\]|\[::1\]|::):(3[2-9]|[4-6]\d)\d{3}\b/g, '$1:<port>')
    .replaceAll(/\/var\/lib\/docker\b|\/tmp\/gantry-test-\w+\/root\b/g, '<root>')
    .replaceAll(/\b(runc|crun) create failed/g, '<runtime> create failed')
    .replaceAll(/unix:\/\/\S+\.sock/g, 'unix://<socket>')
    .replaceAll(/(?<=\S) {2,}/g, '  ')
    .replaceAll(/ +$/gm, '');
}

export type Flat = ReadonlyMap<string, string>;

const IS_ADDRESS_FIELD = /(^|\.)(Gateway|IPAddress|IPPrefixLen|Subnet|IPv4Address)$/;
const IS_TIME_NUMBER = /(^|\.)(time|timeNano|Pid|Created)$/;

/** Every leaf of a JSON value by its path, `HostConfig.Binds.0`; what differs by nature has one word for all. */
export function flatten(value: unknown, path = '', into = new Map<string, string>()): Flat {
  if (value === null || typeof value !== 'object') into.set(path, leaf(value, path));
  else if (Array.isArray(value)) {
    if (value.length === 0) into.set(path, '[]');
    const entries = (value[0] as { Destination?: string } | null)?.Destination !== undefined ? value.toSorted((left: { Destination: string }, right: { Destination: string }) => (left.Destination < right.Destination ? -1 : 1)) : value;
    for (const [index, item] of entries.entries()) flatten(item, `${path}.${index}`, into);
  } else {
    const entries = Object.entries(value);
    if (entries.length === 0) into.set(path, '{}');
    for (const [key, item] of entries) flatten(item, path === '' ? key : `${path}.${key}`, into);
  }
  return into;
}

function leaf(value: unknown, path: string): string {
  if (IS_TIME_NUMBER.test(path)) return typeof value === 'number' && value > 0 ? '<number>' : JSON.stringify(value);
  if (IS_ADDRESS_FIELD.test(path)) return value === '' || value === 0 ? JSON.stringify(value) : '<address>';
  if (path.endsWith('HostPort') && Number(value) >= 32_768) return '<port>';
  return JSON.stringify(value);
}
