import { GantryError } from '#base/error.ts';

/** A version of the API as one number: 1.51 is 1051. */
export type ApiVersion = number;

export const NEWEST_TEXT = '1.51';
export const OLDEST_TEXT = '1.24';
export const NEWEST: ApiVersion = 1051;
const OLDEST: ApiVersion = 1024;

function numberOf(text: string): ApiVersion {
  const [major = '0', minor = '0'] = text.split('.');
  return Number(major) * 1000 + Math.min(Number(minor), 999);
}

/** Splits `/v1.43/info` into its version and `/info`. A path without a version speaks the newest. */
export function splitVersion(path: string): { version: ApiVersion; text: string; path: string } {
  const match = /^\/v([0-9.]+)(\/.*)$/.exec(path);
  if (match === null) return { version: NEWEST, text: NEWEST_TEXT, path };
  const [, text = '', rest = ''] = match;
  return { version: numberOf(text), text, path: rest };
}

export function isTooOld(version: ApiVersion): boolean {
  return version < OLDEST;
}

/** @throws GantryError invalid in Docker's words, which clients show as they are */
export function assertSupported(version: ApiVersion, text: string): void {
  if (version < OLDEST) {
    throw new GantryError('invalid', `client version ${text} is too old. Minimum supported API version is ${OLDEST_TEXT}, please upgrade your client to a newer version`);
  }
  if (version > NEWEST) {
    throw new GantryError('invalid', `client version ${text} is too new. Maximum supported API version is ${NEWEST_TEXT}`);
  }
}
