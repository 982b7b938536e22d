/** Work on the loop that all share: at each `yield` something else may be done first. */
export type PartsOfWork<T> = Generator<void, T>;

export function atOnce<T>(work: PartsOfWork<T>): T {
  for (;;) {
    const part = work.next();
    if (part.done === true) return part.value;
  }
}

/** @param turn settles when the loop has done what else waits */
export async function inTurns<T>(work: PartsOfWork<T>, turn: () => Promise<void>): Promise<T> {
  for (;;) {
    const part = work.next();
    if (part.done === true) return part.value;
    await turn();
  }
}
