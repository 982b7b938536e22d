import type { JsonObject } from '#base/json.ts';
import type { NftSession } from './linux/nftables.ts';

/**
 * Docker Engine drops all that is forwarded on its host but for its own containers; its chain DOCKER-USER is where it asks
 * others to say what they want let through. Where it is, our bridges are named there: our own table has already dropped
 * what may not reach them. The rules are written as iptables-nft writes them, so that iptables lists them as its own.
 */
const FAMILIES = ['ip', 'ip6'] as const;
const CHAIN = 'filter DOCKER-USER';
/** Docker may be installed or started while we run. */
const LOOK_EVERY_MS = 10_000;

export class DockerUserChain {
  readonly #nftables: NftSession;
  readonly #lookedMs = new Map<string, number>();

  constructor(nftables: NftSession) {
    this.#nftables = nftables;
  }

  /** Lets a bridge's traffic through, where Docker is on the host and it isn't let through already. */
  admit(bridge: string): void {
    const nowMs = performance.now();
    if (nowMs - (this.#lookedMs.get(bridge) ?? -LOOK_EVERY_MS) < LOOK_EVERY_MS) return;
    this.#lookedMs.set(bridge, nowMs);
    for (const family of FAMILIES) {
      const rules = listRules(this.#nftables, family);
      if (rules === undefined || handlesFor(rules, bridge).length > 0) continue;
      for (const direction of ['iifname', 'oifname']) this.#nftables.run(`insert rule ${family} ${CHAIN} ${direction} "${bridge}" counter accept`);
    }
  }
}

/** Takes a bridge's rules away again. */
export function withdraw(nftables: NftSession, bridge: string): void {
  for (const family of FAMILIES) {
    for (const handle of handlesFor(listRules(nftables, family) ?? [], bridge)) nftables.run(`delete rule ${family} ${CHAIN} handle ${handle}`);
  }
}

/** Undefined where there is no such chain. */
function listRules(nftables: NftSession, family: string): readonly JsonObject[] | undefined {
  try {
    return nftables.list(`chain ${family} ${CHAIN}`);
  } catch {
    return undefined;
  }
}

interface MatchExpression { readonly match?: { readonly right?: unknown } }

/** Handles of the rules that match the bridge by name, in the answer of `nft --json --handle list chain`. */
export function handlesFor(listed: readonly JsonObject[], bridge: string): readonly number[] {
  return listed.flatMap((object) => {
    const rule = object['rule'] as { readonly handle?: number; readonly expr?: readonly MatchExpression[] } | undefined;
    const names = rule?.expr?.some(({ match }) => match?.right === bridge) === true;
    return names && rule.handle !== undefined ? [rule.handle] : [];
  });
}
