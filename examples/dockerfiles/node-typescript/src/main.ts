import { primesBelow } from './primes';

const limit: number = 30;
console.log(primesBelow(limit).join(' '));

declare const console: { log(text: string): void };
