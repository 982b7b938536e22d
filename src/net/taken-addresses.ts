import type { Ip } from './ip.ts';
import { withNumber, withoutNumber, type NumberRanges } from './_number-ranges.ts';

/** The addresses of one family that somebody has. Immutable, and kept from change to change: who looks for a free one does not read them all. */
export class TakenAddresses {
  static readonly none = new TakenAddresses([]);
  readonly numbers: NumberRanges;

  private constructor(numbers: NumberRanges) {
    this.numbers = numbers;
  }

  with({ value }: Ip): TakenAddresses {
    return new TakenAddresses(withNumber(this.numbers, value));
  }

  without({ value }: Ip): TakenAddresses {
    return new TakenAddresses(withoutNumber(this.numbers, value));
  }
}
