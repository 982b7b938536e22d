/** One link of the chain that led to a container's present state: what happened, and who or what asked for it. */
export type Happening = { readonly atNs: string } & HappeningKind;

export type HappeningKind =
  | { readonly kind: 'created' }
  /** `by`: `request`, `restart policy`, `unhealthy`, `daemon start`. */
  | { readonly kind: 'start'; readonly by: string }
  | { readonly kind: 'started' }
  | { readonly kind: 'start-failed'; readonly step?: string; readonly message: string }
  | { readonly kind: 'stop'; readonly by: string; readonly signal: string; readonly timeoutSeconds: number }
  /** Its next start by the restart policy was called off. */
  | { readonly kind: 'called-off'; readonly by: string }
  | { readonly kind: 'kill'; readonly by: string; readonly signal: string }
  | { readonly kind: 'ended'; readonly exitCode: number; readonly oomKilled: boolean; readonly ranMs: number; readonly memoryLimit?: number }
  | { readonly kind: 'restart-due'; readonly delayMs: number; readonly attempt: number }
  | { readonly kind: 'paused' | 'unpaused'; readonly by: string }
  | { readonly kind: 'health'; readonly status: string; readonly exitCode: number; readonly output: string }
  | { readonly kind: 'recovered'; readonly action: string; readonly why: string }
  | { readonly kind: 'remove-failed'; readonly message: string };

/** As many are kept with a container; the creation always is. */
const KEPT = 24;
const LONGEST_TEXT = 512;

/** The chain with one link more, within bounds. */
export function withHappening(chain: readonly Happening[], next: Happening): readonly Happening[] {
  const longer = [...chain, shortened(next)];
  if (longer.length <= KEPT) return longer;
  const [first] = longer;
  return first?.kind === 'created' ? [first, ...longer.slice(1 - KEPT)] : longer.slice(-KEPT);
}

function shortened(happening: Happening): Happening {
  return Object.fromEntries(Object.entries(happening).map(([name, value]) => [name, typeof value === 'string' && value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value])) as unknown as Happening;
}
