/** Where we say something else than Docker, what, and why. */
export const knownDifferences: ReadonlyMap<string, { readonly message: string; readonly why: string }> = new Map([
  ['directive twice', { message: 'only one escape parser directive can be used', why: 'Docker shows the line before' }],
]);
