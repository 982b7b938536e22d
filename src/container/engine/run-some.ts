/**
 * Works through a list, so many at a time. After the first failure nothing more begins; what is under way can ask whether it
 * is still wanted, and is waited for before the failure is thrown.
 */
export async function runSome<T>(items: readonly T[], atOnce: number, work: (item: T, isCancelled: () => boolean) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const isCancelled = (): boolean => failures.length > 0;
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && !isCancelled(); item = waiting.shift()) {
      try {
        await work(item, isCancelled);
      } catch (thrown) {
        failures.push(thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
