const POWERS = 'bkmgtp';

/** `512m`, `1.5GiB`, `1024` in bytes, by powers of 1024; undefined when it is no size. */
export function parseBytes(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^([0-9]+(?:\.[0-9]*)?|\.[0-9]+) ?([a-zA-Z]*)$/.exec(text) ?? [];
  if (amount === '') return undefined;
  const [, letter = 'b'] = /^(?:([kmgtp])(?:i?b)?|b)?$/.exec(unit.toLowerCase()) ?? [undefined, ''];
  return letter === '' ? undefined : Math.trunc(Number(amount) * 1024 ** POWERS.indexOf(letter));
}
