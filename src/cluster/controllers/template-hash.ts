import type { PodTemplate } from './pod-shape.ts';

export const HASH_LABEL = 'pod-template-hash';
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const PRIME = 16_777_619;

/** A short name of a template that is the same for equal templates, whatever the order of their keys. FNV-1a, 32 bits. */
export function templateHash(template: PodTemplate, collisions: number): string {
  let hash = 2_166_136_261;
  for (const byte of new TextEncoder().encode(`${canonical(template)}/${collisions}`)) hash = Math.imul(hash ^ byte, PRIME) >>> 0;
  let text = '';
  for (let rest = hash; text.length < 7; rest = Math.floor(rest / ALPHABET.length)) text += ALPHABET[rest % ALPHABET.length];
  return text;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, each]) => each !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

/** A template as it was before the hash was added to its labels. */
export function withoutHash(template: PodTemplate): PodTemplate {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}
