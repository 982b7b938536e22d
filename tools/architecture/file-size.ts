import { isTypeScript, type SourceFile, type Violation } from './source-file.ts';

export interface SizeLimits {
  readonly median: number;
  readonly p95: number;
  readonly cap: number;
}

const LIMITS: SizeLimits = { median: 120, p95: 400, cap: 600 };

/** Files above the cap, each with the reason why it is one concept still. */
const exceptions: Readonly<Record<string, string>> = {};

export function fileSize(files: readonly SourceFile[], limits = LIMITS, excused = exceptions): Violation[] {
  const sizes = files
    .filter(({ path }) => isTypeScript(path))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .sort((a, b) => a.lines - b.lines);
  if (sizes.length === 0) return [];
  const violations: Violation[] = sizes
    .filter(({ path, lines }) => lines > limits.cap && excused[path] === undefined)
    .map(({ path, lines }) => ({ path, message: `${lines} lines, above ${limits.cap}: split it by concept, or give the reason in tools/architecture/file-size.ts` }));
  const at = (share: number): { path: string; lines: number } => sizes[Math.floor((sizes.length - 1) * share)]!;
  for (const [name, share, limit] of [['median', 0.5, limits.median], ['95th percentile', 0.95, limits.p95]] as const) {
    const { path, lines } = at(share);
    if (lines > limit) violations.push({ path, message: `the ${name} of all files is ${lines} lines, above ${limit}: split files that hold two concepts` });
  }
  for (const path of Object.keys(excused)) {
    const now = sizes.find((size) => size.path === path);
    if (now === undefined || now.lines <= limits.cap) violations.push({ path, message: 'needs no exception any more: take it out of tools/architecture/file-size.ts' });
  }
  return violations;
}
