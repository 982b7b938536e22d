/** `--name value` pairs with whole numbers as values, and the rest. Unknown options are errors. */
export function numberOptions<Name extends string>(args: readonly string[], defaults: Readonly<Record<Name, number>>): { options: Record<Name, number>; rest: string[] } {
  const options: Record<Name, number> = { ...defaults };
  const rest: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] as string;
    if (!arg.startsWith('--')) { rest.push(arg); continue; }
    const name = arg.slice(2) as Name;
    const value = Number(args[++at]);
    if (!Object.hasOwn(defaults, name)) throw new Error(`there is no option ${arg}; there are ${Object.keys(defaults).map((each) => `--${each}`).join(', ')}`);
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`${arg} takes a whole number`);
    options[name] = value;
  }
  return { options, rest };
}
