/** Where ours and docker compose 2.40 part ways over its own library's test files, by the case's name and the flags; with the reason. */
export const knownDifferences: ReadonlyMap<string, string> = new Map([
  ...['', ' --hash *'].map((flags) => [`loader/loader_test.go TestXService 1${flags}`, 'a network called x-... is taken there for an extension inside of a service, and not found'] as const),
]);

/** Differences that come and go: docker compose writes these in an order of chance. */
export const byChance: ReadonlyMap<string, string> = new Map([
  ['loader/loader_test.go TestLoadSSHWithKeysValuesInBuildConfig 1', 'keys of build.ssh'],
]);
