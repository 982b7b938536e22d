import { invalid } from '../status-error.ts';
import type { StringSet } from './create-body.ts';

export interface LoweredVolumes {
  readonly binds: readonly string[];
  /** Paths of anonymous volumes. */
  readonly volumes: StringSet;
}

/** `--volume` values: `source:target[:options]` becomes a bind, a path alone an anonymous volume. Doubles count once. */
export function lowerVolumes(specs: readonly string[], cwd: string): LoweredVolumes {
  const binds: string[] = [];
  const volumes: Record<string, Record<string, never>> = {};
  for (const spec of new Set(specs)) {
    const source = parseSource(spec);
    if (source === undefined) volumes[spec] = {};
    else binds.push(absoluteSource(spec, source, cwd));
  }
  return { binds, volumes };
}

function parseSource(spec: string): string | undefined {
  if (spec === '') throw invalid('invalid empty volume spec');
  if (spec.length <= 2) return undefined;
  const parts = spec.split(':');
  if (parts.includes('')) throw invalid(`invalid spec: ${spec}: empty section between colons`);
  if (parts.length > 3) throw invalid(`invalid spec: ${spec}: too many colons`);
  return parts.length === 1 ? undefined : parts[0];
}

function absoluteSource(spec: string, source: string, cwd: string): string {
  if (!source.startsWith('.')) return spec;
  return resolvePath(cwd, source) + spec.slice(source.length);
}

/** Joins and cleans a path: `.`, `..` and doubled slashes go. */
export function resolvePath(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
