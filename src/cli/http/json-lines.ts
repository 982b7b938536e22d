import { parseJsonExactly } from '../template/parse-json.ts';

/** The JSON values of a stream that has one in each line. Blank lines are passed over; large integers come as bigint. */
export async function* readJsonLines<T>(body: AsyncIterable<Uint8Array>): AsyncGenerator<T, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield parseJsonExactly(line) as T;
  }
  if (rest.trim() !== '') yield parseJsonExactly(rest) as T;
}
