/** What docker compose 2.40 has words for and `gantry compose` has none, with the reason. A command stands for its flags too. */
export const grammarDifferences: ReadonlyMap<string, string> = new Map([
  ['alpha generate', 'is an experiment: what it makes of containers has neither their commands nor their limits and restart policies'],
]);
