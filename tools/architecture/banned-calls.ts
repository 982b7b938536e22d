import { codeView, lineAt } from './code-view.ts';
import { importsOf } from './imports.ts';
import { isSealed, isTest, isTypeScript, type SourceFile, type Violation } from './source-file.ts';

interface Ban {
  readonly what: string;
  readonly pattern: RegExp;
  readonly instead: string;
}

const CLOCK = 'take a Clock (#base/clock.ts) as an argument';
const TIMERS = 'take Timers (#base/clock.ts) as an argument';

/** What sealed code does not do. The compiler knows most of it already; this says what to do instead. */
const sealedBans: readonly Ban[] = [
  { what: 'Date.now', pattern: /(?<![.\w$])Date\s*\.\s*now\b/g, instead: CLOCK },
  { what: 'new Date()', pattern: /\bnew\s+Date\s*(?:\(\s*\)|(?![\s(\w]))/g, instead: CLOCK },
  { what: 'performance.now', pattern: /(?<![.\w$])performance\s*\.\s*now\b/g, instead: CLOCK },
  { what: 'Math.random', pattern: /(?<![.\w$])Math\s*\.\s*random\b/g, instead: 'take a Random (#base/random.ts) as an argument' },
  { what: 'setTimeout', pattern: /(?<![.\w$])set(?:Timeout|Interval|Immediate)\b/g, instead: TIMERS },
  // A container has a process too: only members that are Node's alone are looked for. The compiler knows the others.
  {
    what: 'process',
    pattern: /(?<![.\w$])process\s*\.\s*(?:argv\b|exit\s*\(|nextTick\b|hrtime\b|memoryUsage\b|uptime\b|cwd\s*\()/g,
    instead: 'take the value as an argument; only main/ and cli/ see the process',
  },
  { what: 'Buffer', pattern: /(?<![.\w$])Buffer\s*[.(<]/g, instead: 'use Uint8Array, TextEncoder and TextDecoder' },
];

const everywhere: readonly Ban[] = [
  { what: 'throw new Error', pattern: /\bthrow\s+new\s+Error\b/g, instead: 'throw a GantryError (#base/error.ts) with its kind, subject and hint' },
];

export function bannedCalls(files: readonly SourceFile[]): Violation[] {
  return files
    .filter(({ path }) => path.startsWith('src/') && isTypeScript(path) && !isTest(path))
    .flatMap((file) => isSealed(file.path)
      ? [...[...sealedBans, ...everywhere].flatMap((ban) => uses(file, ban)), ...nodeModules(file)]
      : everywhere.flatMap((ban) => uses(file, ban)));
}

function nodeModules(file: SourceFile): Violation[] {
  return importsOf(file).filter(({ specifier }) => specifier.startsWith('node:')).map(({ specifier, line }) => ({
    path: file.path,
    line,
    message: `${specifier} in sealed code: declare a port, and put what implements it into edge/`,
  }));
}

function uses(file: SourceFile, { what, pattern, instead }: Ban): Violation[] {
  return [...codeView(file).matchAll(pattern)].map(({ index }) => ({
    path: file.path,
    line: lineAt(file.text, index),
    message: `${what} is banned here: ${instead}`,
  }));
}
