import { GantryError } from '#base/error.ts';
import type { EngineEvent } from '#container/model/event.ts';
import { Filters } from '../../filters.ts';
import { matchesEvent } from '../../match/events.ts';
import { renderEvent } from '../../render/event.ts';
import { parseTimestampNs } from '../../timestamp.ts';
import type { Exchange } from '../exchange.ts';

/** A client that reads this much too slowly is let go rather than remembered for. */
const LARGEST_BACKLOG = 8 * 1024 * 1024;
/** setTimeout's largest delay. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** `GET /events`: headers at once, then one JSON object a line until the client goes or `until` has passed. */
export function events(exchange: Exchange): void {
  const { engine, front, res, version } = exchange;
  const [since, until] = [exchange.param('since'), exchange.param('until')].map((text) => (text === '' ? undefined : parseTimestampNs(text)));
  if (since !== undefined && until !== undefined && until < since) {
    throw new GantryError('invalid', `\`since\` time (${exchange.param('since')}) cannot be after \`until\` time (${exchange.param('until')})`);
  }
  const filters = Filters.parse(exchange.query.get('filters'));
  const send = (event: EngineEvent): void => {
    if (until !== undefined && event.timeNs > until) return;
    if (version < 1046 && event.type === 'image' && event.action === 'create') return;
    if (!matchesEvent(filters, event)) return;
    if (res.writableLength > LARGEST_BACKLOG) res.destroy();
    else res.write(renderEvent(event));
  };
  exchange.stream('application/json');
  const unsubscribe = engine.events.subscribe(since === undefined ? {} : { sinceNs: since }, send);
  front.followers.add(res);
  const leftMs = until === undefined ? undefined : Number((until - front.clock.nowNs()) / 1_000_000n);
  const timer = leftMs === undefined || leftMs > LONGEST_TIMER_MS ? undefined : setTimeout(() => res.end(), Math.max(leftMs, 0));
  res.on('close', () => {
    unsubscribe();
    clearTimeout(timer);
    front.followers.delete(res);
  });
}
