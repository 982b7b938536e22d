import { DockerfileError } from '../dockerfile-error.ts';

const TRUE = ['1', 't', 'T', 'TRUE', 'true', 'True'];
const FALSE = ['0', 'f', 'F', 'FALSE', 'false', 'False'];

/** The words of Go's strconv.ParseBool; undefined for others. */
export function goBoolean(text: string): boolean | undefined {
  return TRUE.includes(text) ? true : FALSE.includes(text) ? false : undefined;
}

export function parseGoBoolean(key: string, text: string): boolean {
  const value = goBoolean(text);
  if (value === undefined) throw new DockerfileError(`invalid value for ${key}: ${text}`, { token: text });
  return value;
}
