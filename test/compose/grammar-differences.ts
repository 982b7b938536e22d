/** What docker compose 2.40 has words for and `gantry compose` has none, with the reason. A command stands for its flags too. */
export const grammarDifferences: ReadonlyMap<string, string> = new Map([
  ['alpha', 'experiments of docker compose\'s, which its own help does not list'],
]);
