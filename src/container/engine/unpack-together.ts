/** What one of them gets: to be waited for between its files and their way to disk (`UnpackRequest.beforeSync`). */
export type Arrive = () => Promise<void>;

/**
 * Layers that go to disk together, once the files of all of them are there: so many are unpacked at a time, then `whenAll` is
 * done, which throws away what need not go there. Where one fails none goes, and its failure is thrown.
 */
export async function unpackTogether<T>(items: readonly T[], atOnce: number, unpack: (item: T, arrive: Arrive) => Promise<void>, whenAll: () => Promise<void>): Promise<void> {
  const { promise: all, resolve, reject } = Promise.withResolvers<void>();
  all.catch(() => undefined);
  let missing = items.length;
  const arrive = (): void => {
    missing -= 1;
    if (missing === 0) whenAll().then(resolve, reject);
  };
  const waiting = [...items];
  const unpacked: Promise<void>[] = [];
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && failures.length === 0; item = waiting.shift()) {
      const { promise: hasFiles, resolve: told } = Promise.withResolvers<void>();
      const one = unpack(item, async () => {
        told();
        arrive();
        await all;
      }).catch((thrown: unknown) => {
        failures.push(thrown);
        reject(thrown);
      }).finally(told);
      unpacked.push(one);
      await hasFiles;
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  await Promise.all(unpacked);
  if (failures.length > 0) throw failures[0];
}
