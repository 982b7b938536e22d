import { GantryError, isKind } from '#base/error.ts';
import { renderStats, type StatsSample } from '../../render/stats.ts';
import type { Exchange } from '../exchange.ts';

/** As long as Docker's clients are used to. */
const PERIOD_MS = 1000;

/** `GET /containers/{id}/stats`: one object a second, or one; without `one-shot` that one has two samples in it. */
export async function stats(exchange: Exchange): Promise<void> {
  const { engine, front, res } = exchange;
  const [isStream, isOneShot] = [exchange.flag('stream', true), exchange.flag('one-shot')];
  if (isStream && isOneShot) throw new GantryError('invalid', 'cannot have stream=true and one-shot=true');
  const { spec } = engine.containers.find(exchange.name);
  const sample = async (): Promise<StatsSample> => ({ usage: await engine.containers.usage(spec.id), readNs: front.clock.nowNs() });
  const text = (now: StatsSample, before: StatsSample | undefined): string => `${JSON.stringify(renderStats(engine.containers.find(spec.id).spec, now, before, engine.info.facts.memoryBytes))}\n`;
  let before = await sample();
  if (!isStream) {
    if (isOneShot || before.usage === undefined) return exchange.jsonText(200, text(before, undefined));
    await pause(exchange);
    return exchange.jsonText(200, text(await sample(), before));
  }
  exchange.stream('application/json');
  res.write(text(before, undefined));
  while (!res.destroyed) {
    await pause(exchange);
    // A client that has not read the last one misses this one.
    if (res.destroyed || res.writableNeedDrain) continue;
    try {
      const now = await sample();
      res.write(text(now, before));
      before = now;
    } catch (thrown) {
      if (!isKind(thrown, 'not-found')) throw thrown;
      // The container has been removed.
      res.end();
      return;
    }
  }
}

/** Until the next sample is due, or the client is gone. */
function pause({ res }: Exchange): Promise<void> {
  if (res.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      res.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, PERIOD_MS);
    res.on('close', done);
  });
}
