import type { Platform } from '#image/oci/platform.ts';
import { DockerfileError, type Lines } from '../dockerfile-error.ts';
import { expandText, type Escape, type Expansion, type Variables } from '../expand/lexer.ts';
import { suggest } from '../suggest.ts';
import { isImageName } from '../plan/_image-name.ts';
import { resolveGlobals, type Globals } from '../plan/_globals.ts';
import { parsePlatformSpecifier } from '../plan/platform-text.ts';
import type { WrittenFile } from '../plan/_read-file.ts';
import type { Linter } from './linter.ts';
import { messages } from './rules.ts';

/** The checks of FROM and its arguments. */

/** Without build arguments, every base must still be the name of an image. */
export function checkDefaultBases({ globals, stages }: WrittenFile, predefined: Variables, escape: Escape, linter: Linter): void {
  try {
    const { variables } = resolveGlobals(predefined, globals, escape, undefined);
    for (const { from } of stages) {
      if (!isImageName(expandText(from.base, variables, escape))) linter.report('InvalidDefaultArgInFrom', from.lines, messages.invalidDefaultArgInFrom(from.base));
    }
  } catch (error) {
    // The build fails by it in a moment, with its place.
    if (!(error instanceof DockerfileError)) throw error;
  }
}

export function checkUndeclared(unmatched: ReadonlySet<string>, { variables, args }: Globals, lines: Lines, linter: Linter): void {
  for (const name of unmatched) {
    if (args.has(name)) continue;
    linter.report('UndefinedArgInFrom', lines, messages.undefinedArgInFrom(name, suggest(name, [...args.keys(), ...variables.keys()])));
  }
}

export interface PlatformUse {
  readonly written: string;
  readonly stage: string;
  readonly expansion: Expansion;
  readonly globals: Globals;
  readonly lines: Lines;
  readonly host: Platform;
}

export function checkPlatform({ written, stage, expansion, globals, lines, host }: PlatformUse, linter: Linter): void {
  const { matched, unmatched, text } = expansion;
  const isOnlyTarget = matched.size === 1 && unmatched.size === 0 && matched.has('TARGETPLATFORM');
  if (isOnlyTarget && text === globals.variables.get('TARGETPLATFORM')) linter.report('RedundantTargetPlatform', lines, messages.redundantTargetPlatform(written));
  if (matched.size > 0 || unmatched.size > 0) return;
  const platform = platformOrNone(text, host);
  // A name like build-arm64 says that the constant is meant.
  if (platform === undefined || stage.includes(platform.os) || stage.includes(platform.architecture)) return;
  linter.report('FromPlatformFlagConstDisallowed', lines, messages.constantPlatform(text));
}

function platformOrNone(text: string, host: Platform): Platform | undefined {
  try {
    return parsePlatformSpecifier(text, host);
  } catch {
    return undefined;
  }
}
