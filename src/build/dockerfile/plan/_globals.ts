import { at, type Lines } from '../dockerfile-error.ts';
import { expand, type Escape, type Variables } from '../expand/lexer.ts';
import type { ArgInstruction } from '../instruction/arg.ts';
import type { Place } from '../instruction/instruction.ts';
import type { PlanOptions } from './build-plan.ts';
import { normalizePlatform, platformText } from './platform-text.ts';

/** Arguments that every FROM may use without declaring them. */
export function predefinedArgs({ buildPlatform, targetPlatform, buildArgs }: PlanOptions, target: string): Map<string, string> {
  const build = normalizePlatform(buildPlatform);
  const wanted = normalizePlatform(targetPlatform ?? buildPlatform);
  const predefined = new Map([
    ['BUILDPLATFORM', platformText(build)], ['BUILDOS', build.os], ['BUILDOSVERSION', ''], ['BUILDARCH', build.architecture], ['BUILDVARIANT', build.variant ?? ''],
    ['TARGETPLATFORM', platformText(wanted)], ['TARGETOS', wanted.os], ['TARGETOSVERSION', ''], ['TARGETARCH', wanted.architecture], ['TARGETVARIANT', wanted.variant ?? ''],
    ['TARGETSTAGE', target === '' ? 'default' : target],
  ]);
  for (const name of predefined.keys()) {
    const given = buildArgs?.get(name);
    if (given !== undefined) predefined.set(name, given);
  }
  return predefined;
}

/** An argument from before the first FROM, as an outline shows it. */
export interface GlobalArg {
  readonly name: string;
  readonly value: string;
  readonly comment: string;
  readonly lines: Lines;
  /** Other arguments in its default. */
  readonly uses: ReadonlySet<string>;
}

export interface Globals {
  readonly variables: Variables;
  readonly args: ReadonlyMap<string, GlobalArg>;
}

/** Declared arguments in the file's order: a build argument comes before the default, which may name those above it. */
export function resolveGlobals(predefined: Variables, declared: readonly (ArgInstruction & Place)[], escape: Escape, buildArgs: Variables | undefined): Globals {
  const variables = new Map(predefined);
  const args = new Map<string, GlobalArg>();
  for (const { args: list, lines } of declared) {
    for (const { name, value: written, comment } of list) {
      const given = buildArgs?.get(name);
      const expanded = given === undefined && written !== undefined ? at(lines, () => expand(written, variables, escape)) : undefined;
      const value = given ?? expanded?.text;
      if (value !== undefined) variables.set(name, value);
      const uses = new Set(expanded?.matched);
      // A default that names its own argument stands for what that one used.
      if (uses.delete(name)) for (const other of args.get(name)?.uses ?? []) uses.add(other);
      args.set(name, { name, value: value ?? '', comment, lines, uses });
    }
  }
  return { variables, args };
}
