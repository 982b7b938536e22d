import type { BlockIoUsage, Transfers } from '../../usage.ts';

const V1_WORDS: Readonly<Record<string, keyof Transfers>> = { Read: 'read', Write: 'write', Discard: 'discard', Sync: 'sync', Async: 'async' };

/** io.stat of cgroup v2: `8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6`. Undefined where there is no such file. */
export function parseIoStat(text: string | undefined): readonly BlockIoUsage[] | undefined {
  return text?.split('\n').flatMap((line) => {
    const [device = '', ...fields] = line.trim().split(' ');
    const numbers = deviceOf(device);
    if (numbers === undefined || fields.length === 0) return [];
    const values = new Map(fields.map((field) => field.split('=')).map(([name = '', value]) => [name, Number(value)]));
    const read = (name: string): number => values.get(name) ?? 0;
    return [{ ...numbers, bytes: { read: read('rbytes'), write: read('wbytes'), discard: read('dbytes') }, operations: { read: read('rios'), write: read('wios'), discard: read('dios') } }];
  });
}

/** The pair of files of cgroup v1, each with lines as `8:0 Read 4096`. */
export function parseThrottleFiles(bytes: string | undefined, operations: string | undefined): readonly BlockIoUsage[] | undefined {
  if (bytes === undefined) return undefined;
  const [ofBytes, ofOperations] = [byDevice(bytes), byDevice(operations ?? '')];
  return [...ofBytes].flatMap(([device, transfers]) => {
    const numbers = deviceOf(device);
    return numbers === undefined ? [] : [{ ...numbers, bytes: transfers, operations: ofOperations.get(device) ?? { read: 0, write: 0, discard: 0 } }];
  });
}

function byDevice(text: string): Map<string, Transfers> {
  const found = new Map<string, Transfers>();
  for (const line of text.split('\n')) {
    const [device = '', word = '', value] = line.trim().split(/\s+/);
    const field = Object.hasOwn(V1_WORDS, word) ? V1_WORDS[word] : undefined;
    if (field === undefined || value === undefined) continue;
    found.set(device, { ...(found.get(device) ?? { read: 0, write: 0, discard: 0 }), [field]: Number(value) });
  }
  return found;
}

function deviceOf(text: string): { major: number; minor: number } | undefined {
  const match = /^(\d+):(\d+)$/.exec(text);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}
