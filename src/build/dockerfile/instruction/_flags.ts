import { DockerfileError } from '../dockerfile-error.ts';
import { suggest } from '../suggest.ts';

type FlagKind = 'boolean' | 'string' | 'strings';
type FlagValue<Kind extends FlagKind> = Kind extends 'strings' ? readonly string[] : Kind extends 'boolean' ? boolean | undefined : string | undefined;
export type FlagValues<Spec extends Readonly<Record<string, FlagKind>>> = { readonly [Name in keyof Spec]: FlagValue<Spec[Name]> };

/** Reads the flags of an instruction. Those that were not given are undefined, or no strings. */
export function parseFlags<const Spec extends Readonly<Record<string, FlagKind>>>(flags: readonly string[], spec: Spec): FlagValues<Spec> {
  const values = new Map<string, boolean | string | string[]>();
  for (const [name, kind] of Object.entries(spec)) if (kind === 'strings') values.set(name, []);
  const given = new Set<string>();
  for (const flag of flags) {
    const sign = flag.indexOf('=');
    const dashed = sign < 0 ? flag : flag.slice(0, sign);
    const value = sign < 0 ? undefined : flag.slice(sign + 1);
    const name = dashed.slice(2);
    const kind = Object.hasOwn(spec, name) ? spec[name] : undefined;
    if (kind === undefined) throw new DockerfileError(`unknown flag: ${dashed}`, { token: dashed, suggestion: suggest(name, Object.keys(spec)) });
    if (given.has(name) && kind !== 'strings') throw new DockerfileError(`duplicate flag specified: ${dashed}`, { token: dashed });
    given.add(name);
    if (kind === 'boolean') values.set(name, parseBoolean(dashed, value));
    else if (value === undefined) throw new DockerfileError(`missing a value on flag: ${dashed}`, { token: dashed });
    else if (kind === 'strings') (values.get(name) as string[]).push(value);
    else values.set(name, value);
  }
  return Object.fromEntries(Object.keys(spec).map((name) => [name, values.get(name)])) as FlagValues<Spec>;
}

function parseBoolean(dashed: string, value: string | undefined): boolean {
  if (value === '') throw new DockerfileError(`missing a value on flag: ${dashed}`, { token: dashed });
  switch (value?.toLowerCase()) {
    case undefined: case 'true': return true;
    case 'false': return false;
    default: throw new DockerfileError(`expecting boolean value for flag ${dashed}, not: ${value}`, { token: `${dashed}=${value}` });
  }
}
