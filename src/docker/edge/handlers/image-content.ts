import { GantryError } from '#base/error.ts';
import { familiarName } from '../../familiar-name.ts';
import { checkPlatformObject, parsePlatform } from '../../lower/platform.ts';
import { progressError, progressMessage } from '../../progress.ts';
import { renderTransfer } from '../../render/transfer.ts';
import type { Exchange } from '../exchange.ts';
import { changed, platformOf, referenceOf } from './images.ts';
import { pull } from './registry.ts';

/** `POST /images/create`: a pull with `fromImage`, else an import. */
export async function create(exchange: Exchange): Promise<void> {
  if (exchange.param('fromImage') !== '') return pull(exchange);
  const source = exchange.param('fromSrc');
  if (source !== '-') throw new GantryError('unimplemented', `import from ${source === '' ? 'nowhere' : source} is not implemented`, { hint: 'send the archive itself, with fromSrc=-' });
  const reference = referenceOf(exchange);
  const platform = exchange.version >= 1032 && exchange.param('platform') !== '' ? parsePlatform(exchange.param('platform')) : undefined;
  const id = await exchange.engine.images.importTar({
    body: exchange.req as AsyncIterable<Uint8Array>,
    ...(reference === undefined ? {} : { reference }),
    message: exchange.param('message') || 'Imported from -',
    changes: await changed({}, exchange),
    ...createdOf(exchange),
    ...(platform === undefined ? {} : { platform: { os: platform.os, architecture: platform.architecture ?? exchange.engine.info.facts.architecture } }),
  });
  exchange.stream('application/json');
  exchange.res.end(progressMessage({ status: id }));
}

/** `created`, in seconds since the epoch: not Docker's, for images that are to come out the same each time. */
function createdOf(exchange: Exchange): { createdNs?: bigint } {
  const text = exchange.param('created');
  if (text === '') return {};
  if (!/^\d{1,10}$/.test(text)) throw new GantryError('invalid', `created is ${JSON.stringify(text)}, which is no number of seconds`);
  return { createdNs: BigInt(text) * 1_000_000_000n };
}

/** `POST /images/load`. The answer begins with the first progress; what fails after it is told in the stream. */
export async function load(exchange: Exchange): Promise<void> {
  const { engine, req, res } = exchange;
  const isQuiet = exchange.flag('quiet', true);
  const platform = platformOf(exchange, 1048);
  exchange.stream('application/json');
  try {
    const loaded = await engine.images.load(req as AsyncIterable<Uint8Array>, ({ id, status, current, total }) => {
      if (isQuiet) return;
      res.write(id === undefined ? progressMessage({ status }) : renderTransfer({ kind: 'layer', id, status, ...(current === undefined ? {} : { current }), ...(total === undefined ? {} : { total }) }));
    }, platform);
    for (const { id, tags } of loaded) {
      if (tags.length === 0) res.write(progressMessage({ stream: `Loaded image ID: ${id}\n` }));
      for (const tag of tags) res.write(progressMessage({ stream: `Loaded image: ${familiarName(tag)}\n` }));
    }
  } catch (thrown) {
    res.write(progressError(thrown));
  }
  res.end();
}

/** `GET /images/get` and `GET /images/{name}/get`: an archive as `docker save` makes it. */
export async function save(exchange: Exchange): Promise<void> {
  const { engine, res } = exchange;
  const names = exchange.name === '' ? exchange.query.getAll('names') : [exchange.name];
  if (names.length === 0) throw new GantryError('invalid', 'image name cannot be blank', { hint: 'give one or more `names`' });
  const wanted = platformOf(exchange, 1048);
  for (const name of wanted === undefined ? [] : names) checkPlatformObject(name, exchange.front.configs.of(engine.images.find(name)), wanted);
  const pieces = engine.images.save(names)[Symbol.asyncIterator]();
  // The first piece comes before the headers: an image that isn't there is a 404.
  let piece = await pieces.next();
  exchange.stream('application/x-tar');
  try {
    let wake = (): void => {};
    res.once('close', () => wake());
    for (; piece.done !== true && !res.destroyed; piece = await pieces.next()) {
      const { value } = piece;
      // Until it has gone: the piece is lent.
      await new Promise<void>((resolve) => { wake = resolve; res.write(value, () => resolve()); });
    }
    res.end();
  } catch (thrown) {
    // A short archive must not look like a whole one.
    exchange.front.log(`save of ${names.join(', ')}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    res.destroy();
  } finally {
    await pieces.return?.();
  }
}
