import { Cancellation } from '#base/cancellation.ts';
import { GantryError, messageOf } from '#base/error.ts';
import { logAttributesOf } from '#container/engine/log-target.ts';
import { logDetails } from '../../log-details.ts';
import { frameHeader, SYSTEM_ERROR } from '../../stdcopy.ts';
import { parseTimestampNs } from '../../timestamp.ts';
import type { Exchange } from '../exchange.ts';
import { streamType } from '../hijack.ts';
import { writeLog } from '../log-writer.ts';

/** `GET /containers/{id}/logs`. */
export async function logs(exchange: Exchange): Promise<void> {
  const { engine, res } = exchange;
  const [stdout, stderr] = [exchange.flag('stdout'), exchange.flag('stderr')];
  if (!stdout && !stderr) throw new GantryError('invalid', 'Bad parameters: you must choose at least one stream');
  const { spec, state } = engine.containers.find(exchange.name);
  if (state.phase === 'removing' || state.phase === 'dead') throw new GantryError('conflict', 'can not get logs from container which is dead or marked for removal');
  const [since, until, tail] = [exchange.param('since'), exchange.param('until'), exchange.param('tail')];
  const cancellation = new Cancellation();
  const records = engine.containers.logs(spec.id, {
    cancellation,
    follow: exchange.flag('follow'),
    ...(since === '' || since === '0' ? {} : { sinceNs: parseTimestampNs(since) }),
    ...(until === '' || until === '0' ? {} : { untilNs: parseTimestampNs(until) }),
    ...(/^\d{1,9}$/.test(tail) ? { tail: Number(tail) } : {}),
  });
  res.on('close', () => cancellation.cancel());
  const multiplexed = !spec.process.terminal;
  exchange.stream(streamType(exchange, multiplexed));
  try {
    await writeLog(records, res, { stdout, stderr, timestamps: exchange.flag('timestamps'), details: exchange.flag('details') ? logDetails(logAttributesOf(spec)) : '', multiplexed });
  } catch (thrown) {
    const message = Buffer.from(`Error grabbing logs: ${messageOf(thrown)}\n`);
    if (!res.destroyed) res.write(multiplexed ? Buffer.concat([frameHeader(SYSTEM_ERROR, message.length), message]) : message);
  }
  res.end();
}
