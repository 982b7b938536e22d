import { baseline, capabilitiesBaseline, hostPathVolumes, seccompBaseline } from './baseline.ts';
import type { Check, PodFacts, Violation } from './pod-facts.ts';
import { restricted } from './restricted.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';
export type Mode = 'enforce' | 'audit' | 'warn';

export interface Policy {
  readonly level: Level;
  /** `latest` or `v1.36`: as it is shown. The standards of the present version hold for all of them. */
  readonly version: string;
}

const PREFIX = 'pod-security.kubernetes.io/';
/** Those of the baseline in whose place the restricted level has its own. */
const REPLACED: readonly Check[] = [capabilitiesBaseline, hostPathVolumes, seccompBaseline];
const CHECKS: Readonly<Record<Level, readonly Check[]>> = { privileged: [], baseline, restricted: [...baseline.filter((check) => !REPLACED.includes(check)), ...restricted] };

export function violationsOf(level: Level, pod: PodFacts): readonly Violation[] {
  return CHECKS[level].map((check) => check(pod)).filter((each) => each !== undefined);
}

/** `reason (detail), reason (detail)`. */
export function violationsText(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}

/** What a namespace asks of its pods; nothing, where it does not say, or says it wrongly to `audit` and `warn`. */
export function policyOf(labels: Readonly<Record<string, string>>, mode: Mode): Policy {
  const [level, version] = [labels[`${PREFIX}${mode}`], labels[`${PREFIX}${mode}-version`]];
  if (level === undefined) return { level: 'privileged', version: 'latest' };
  // Who wanted to be strict and misspelt it gets what is strictest.
  return { level: isLevel(level) ? level : mode === 'enforce' ? 'restricted' : 'privileged', version: version ?? 'latest' };
}

export function isLevel(text: string): text is Level {
  return text === 'privileged' || text === 'baseline' || text === 'restricted';
}

/** Faults of a namespace's labels, by the key. */
export function labelFaults(labels: Readonly<Record<string, string>>): readonly { readonly key: string; readonly value: string; readonly why: string }[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    if (!key.startsWith(PREFIX)) return [];
    const name = key.slice(PREFIX.length);
    if (['enforce', 'audit', 'warn'].includes(name)) return isLevel(value) ? [] : [{ key, value, why: 'must be one of privileged, baseline, restricted' }];
    return name.endsWith('-version') && value !== 'latest' && !/^v1\.\d{1,3}$/.test(value) ? [{ key, value, why: 'must be "latest" or "v1.x"' }] : [];
  });
}
