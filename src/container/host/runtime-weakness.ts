import type { Runtime } from './facts.ts';

/** First releases of each branch without CVE-2025-31133, -52565, -52881 (masked paths and /dev races) and CVE-2026-41579. */
const MENDED: readonly (readonly [major: number, minor: number, patch: number])[] = [[1, 3, 6], [1, 4, 3]];

/**
 * What an operator should know of a runtime of this version; undefined where nothing is known. A distribution may have mended
 * an old version without a new number: this can only warn.
 */
export function weaknessOf({ name, version }: Pick<Runtime, 'name' | 'version'>): string | undefined {
  if (name !== 'runc') return undefined;
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const isMended = MENDED.some((first) => (major === first[0] && minor === first[1] ? patch >= first[2] : false)) || major > 1 || (major === 1 && minor > 4);
  if (isMended) return undefined;
  return `runc ${version} has known ways out of a container (CVE-2025-31133, CVE-2025-52565, CVE-2025-52881, CVE-2026-41579), mended in 1.3.6 and 1.4.3, unless the distribution has mended this one: prefer crun`;
}
