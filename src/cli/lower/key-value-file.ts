import { GantryError } from '#base/error.ts';
import { invalid } from '../status-error.ts';
import { cut } from './split.ts';

/**
 * `KEY=value` lines of an env or label file. A key alone takes its value from `lookup`, and is left out when that has
 * none. Blank lines and lines that start with `#` are skipped; trailing blanks belong to the value.
 */
export function parseKeyValueFile(
  bytes: Uint8Array,
  name: string,
  lookup: (key: string) => string | undefined,
): readonly string[] {
  const pairs: string[] = [];
  for (const raw of decode(bytes, name).split('\n')) {
    const line = raw.replace(/\r$/, '').trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const [key, value] = cut(line, '=');
    if (key === '') throw invalid(`invalid env file (${name}): no variable name on line '${line}'`);
    if (/[ \t]/.test(key)) throw invalid(`invalid env file (${name}): variable '${key}' contains whitespaces`);
    if (value !== undefined) {
      pairs.push(line);
      continue;
    }
    const found = lookup(key);
    if (found !== undefined) pairs.push(`${key}=${found}`);
  }
  return pairs;
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GantryError('invalid', `invalid env file (${name}): it is not UTF-8 text`, { cause });
  }
}
