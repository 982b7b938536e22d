import { GantryError } from '#base/error.ts';

const POWERS = ['', 'k', 'm', 'g', 't', 'p'];

function parse(text: string, base: number): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)i?b?$/i.exec(text);
  if (match === null) throw new GantryError('invalid', `invalid size: '${text}'`);
  const [, number = '', unit = ''] = match;
  return Math.floor(Number(number) * base ** POWERS.indexOf(unit.toLowerCase()));
}

/** `10m` is 10,000,000: sizes of files in options of log drivers. */
export const parseDecimalSize = (text: string): number => parse(text, 1000);

/** `64m` is 67,108,864: sizes of memory. */
export const parseBinarySize = (text: string): number => parse(text, 1024);
