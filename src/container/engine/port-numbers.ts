import type { PublishedPort } from '#container/model/port-binding.ts';

const ANY_ADDRESS = new Set(['', '0.0.0.0', '::']);

function family(address: string): 4 | 6 | 'both' {
  return address === '' ? 'both' : address.includes(':') ? 6 : 4;
}

/** Whether two ports can't be published at once. */
function clash(left: PublishedPort, right: PublishedPort): boolean {
  if (left.protocol !== right.protocol || left.hostPort !== right.hostPort) return false;
  const [a, b] = [family(left.hostAddress), family(right.hostAddress)];
  if (a !== 'both' && b !== 'both' && a !== b) return false;
  return ANY_ADDRESS.has(left.hostAddress) || ANY_ADDRESS.has(right.hostAddress) || left.hostAddress === right.hostAddress;
}

/** Published ports by protocol and number: whether one more clashes costs the same however many there are. */
export class PortNumbers {
  readonly #held = new Map<string, Set<PublishedPort>>();

  add(port: PublishedPort): void {
    this.#held.getOrInsertComputed(numberOf(port), () => new Set()).add(port);
  }

  /** @param port the very one that was added */
  delete(port: PublishedPort): void {
    const held = this.#held.get(numberOf(port));
    held?.delete(port);
    if (held?.size === 0) this.#held.delete(numberOf(port));
  }

  hasClash(port: PublishedPort): boolean {
    return [...this.#held.get(numberOf(port)) ?? []].some((other) => clash(port, other));
  }
}

function numberOf({ protocol, hostPort }: PublishedPort): string {
  return `${protocol} ${hostPort}`;
}
