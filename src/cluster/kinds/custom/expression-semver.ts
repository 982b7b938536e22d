import type { Environment } from '@marcbachmann/cel-js';
import { GantryError } from '#base/error.ts';

const TYPE = 'kubernetes.Semver';
/** semver.org 2.0.0, 9 to 11. */
const VERSION = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][\dA-Za-z-]*))*))?(?:\+[\dA-Za-z-]+(?:\.[\dA-Za-z-]+)*)?$/;
const LONGEST = 256;

class Version {
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly before: readonly string[];

  constructor(text: string) {
    const [, major, minor, patch, before] = (text.length > LONGEST ? null : VERSION.exec(text)) ?? [];
    if (major === undefined || minor === undefined || patch === undefined) throw new GantryError('invalid', `Semver parse error during conversion from string: ${JSON.stringify(text)} is no version of three numbers`);
    this.numbers = [BigInt(major), BigInt(minor), BigInt(patch)];
    this.before = before === undefined ? [] : before.split('.');
  }
}

/** `v01.2` as `1.2.0`: a prefix, zeros before a number and numbers that are missing are let pass. */
function normalized(text: string): string {
  const [, numbers = '', rest = ''] = /^v?([\d.]*)(.*)$/s.exec(text) ?? [];
  const parts = numbers.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  while (parts.length < 3) parts.push('0');
  return `${parts.join('.')}${rest}`;
}

function isVersion(text: string): boolean {
  try {
    return new Version(text).numbers.length === 3;
  } catch {
    return false;
  }
}

function compare(a: Version, b: Version): number {
  const at = a.numbers.findIndex((number, index) => number !== b.numbers[index]);
  if (at >= 0) return (a.numbers[at] as bigint) < (b.numbers[at] as bigint) ? -1 : 1;
  if (a.before.length === 0 || b.before.length === 0) return b.before.length === a.before.length ? 0 : a.before.length === 0 ? 1 : -1;
  for (const [index, part] of a.before.entries()) {
    const other = b.before[index];
    if (other === undefined) return 1;
    if (part !== other) return compareParts(part, other);
  }
  return a.before.length === b.before.length ? 0 : -1;
}

/** Numbers by their value, and before words. */
function compareParts(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return (isNumber ? BigInt(a) < BigInt(b) : a < b) ? -1 : 1;
}

/** kubernetes.io, "Common Expression Language in Kubernetes", Kubernetes semver library. */
export function withVersions(environment: Environment): Environment {
  return environment
    .registerType(TYPE, { ctor: Version, fields: {} })
    .registerFunction(`semver(string): ${TYPE}`, (text: string) => new Version(text)).registerFunction(`semver(string, bool): ${TYPE}`, (text: string, isLoose: boolean) => new Version(isLoose ? normalized(text) : text))
    .registerFunction('isSemver(string): bool', isVersion).registerFunction('isSemver(string, bool): bool', (text: string, isLoose: boolean) => isVersion(isLoose ? normalized(text) : text))
    .registerFunction(`${TYPE}.major(): int`, ({ numbers }: Version) => numbers[0]).registerFunction(`${TYPE}.minor(): int`, ({ numbers }: Version) => numbers[1]).registerFunction(`${TYPE}.patch(): int`, ({ numbers }: Version) => numbers[2])
    .registerFunction(`${TYPE}.isLessThan(${TYPE}): bool`, (a: Version, b: Version) => compare(a, b) < 0).registerFunction(`${TYPE}.isGreaterThan(${TYPE}): bool`, (a: Version, b: Version) => compare(a, b) > 0)
    .registerFunction(`${TYPE}.compareTo(${TYPE}): int`, (a: Version, b: Version) => BigInt(compare(a, b)))
    .registerOperator(`${TYPE} == ${TYPE}`, (a: Version, b: Version) => compare(a, b) === 0);
}
