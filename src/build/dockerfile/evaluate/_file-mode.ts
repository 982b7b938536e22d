import { DockerfileError } from '../dockerfile-error.ts';
import type { CopyMode } from '../plan/build-step.ts';

const MAX_MODE = 0o7777;
const SYMBOLIC = /^[ugoa]*(?:[-+=](?:[rwxXstugo]*))+(?:,[ugoa]*(?:[-+=](?:[rwxXstugo]*))+)*$/;

/** The value of --chmod; undefined where there is none. */
export function parseFileMode(text: string): CopyMode | undefined {
  if (text === '') return undefined;
  const refused = new DockerfileError(`invalid chmod parameter: '${text}'. it should be octal string and between 0 and 07777`, { token: text });
  if (/^[0-7]+$/.test(text)) {
    const mode = Number.parseInt(text, 8);
    if (mode > MAX_MODE) throw refused;
    return { kind: 'octal', mode };
  }
  if (!SYMBOLIC.test(text)) throw refused;
  return { kind: 'symbolic', text };
}
