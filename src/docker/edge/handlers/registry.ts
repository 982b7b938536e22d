import { GantryError } from '#base/error.ts';
import type { TransferStep } from '#container/engine/transfer.ts';
import { formatPlatform, parsePlatformText } from '#image/oci/platform.ts';
import { parseLogin, parseRegistryAuth } from '../../lower/registry-auth.ts';
import { joinReference } from '../../familiar-name.ts';
import { checkPlatformObject, parsePlatform } from '../../lower/platform.ts';
import { progressError, progressMessage } from '../../progress.ts';
import { renderTransfer } from '../../render/transfer.ts';
import type { Exchange } from '../exchange.ts';
import { platformOf } from './images.ts';

const BACKLOG_BYTES = 1 << 20;

function credentialsOf({ req }: Exchange) {
  const header = req.headers['x-registry-auth'];
  return parseRegistryAuth(Array.isArray(header) ? header[0] : header);
}

/** Sends steps as they come. The answer begins with the first: what fails before it is an ordinary error. A client that has gone ends the work. */
function teller(exchange: Exchange): (step: TransferStep) => void {
  const { res } = exchange;
  return (step) => {
    if (res.destroyed || res.socket === null) throw new GantryError('interrupted', 'the client has gone');
    // The headers go with the first step, in one write.
    if (!res.headersSent) exchange.writeHead(200, ['Content-Type', 'application/json']);
    // A client that reads too slowly misses numbers, never words.
    if (step.kind === 'layer' && step.current !== undefined && res.writableLength > BACKLOG_BYTES) return;
    res.write(renderTransfer(step));
  };
}

function endWith(exchange: Exchange, thrown: unknown): void {
  if (!exchange.res.headersSent) throw thrown;
  if (!exchange.res.destroyed) exchange.res.end(progressError(thrown));
}

/** `POST /images/create?fromImage=`. */
export async function pull(exchange: Exchange): Promise<void> {
  const { engine, res } = exchange;
  const reference = joinReference(exchange.param('fromImage').replace(/:$/, ''), exchange.param('tag'));
  const asked = exchange.version >= 1032 ? exchange.param('platform') : '';
  if (asked !== '') parsePlatform(asked);
  const host = { os: 'linux', architecture: engine.info.facts.architecture };
  const platform = asked === '' ? undefined : parsePlatformText(asked, host);
  try {
    const { id } = await engine.images.pull({ reference, allTags: exchange.param('tag') === '', credentials: credentialsOf(exchange), ...(platform === undefined ? {} : { platform }) }, teller(exchange));
    const config = exchange.front.configs.of(engine.images.find(id));
    if (platform !== undefined && config.architecture !== '' && config.architecture !== platform.architecture) {
      res.write(progressMessage({ status: `WARNING: image with reference ${reference} was found but its platform (${formatPlatform(config)}) does not match the specified platform (${asked})` }));
    }
    res.end();
  } catch (thrown) {
    endWith(exchange, thrown);
  }
}

/** `POST /images/{name}/push`. */
export async function push(exchange: Exchange): Promise<void> {
  const tag = exchange.param('tag');
  if (exchange.name.includes('@')) throw new GantryError('invalid', 'cannot push a digest reference');
  const wanted = platformOf(exchange, 1046);
  if (wanted !== undefined) {
    const reference = joinReference(exchange.name, tag);
    checkPlatformObject(reference, exchange.front.configs.of(exchange.engine.images.find(reference)), wanted);
  }
  try {
    await exchange.engine.images.push({ repository: exchange.name, credentials: credentialsOf(exchange), ...(tag === '' ? {} : { tag }) }, teller(exchange));
    exchange.res.end();
  } catch (thrown) {
    endWith(exchange, thrown);
  }
}

/** `GET /distribution/{name}/json`. */
export async function distribution(exchange: Exchange): Promise<void> {
  const { descriptor, platforms } = await exchange.engine.images.inspectRemote(exchange.name, credentialsOf(exchange));
  exchange.json(200, { Descriptor: descriptor, Platforms: platforms });
}

/** `POST /auth`. */
export async function auth(exchange: Exchange): Promise<void> {
  const { server, credentials } = parseLogin(await exchange.body());
  const { identityToken } = await exchange.engine.images.login(server, credentials);
  exchange.json(200, { IdentityToken: identityToken, Status: 'Login Succeeded' });
}

/** `GET /images/search`. Only Docker Hub ever had this protocol, which is no part of the distribution spec. */
export function search(exchange: Exchange): void {
  if (exchange.param('term').trim() === '') throw new GantryError('invalid', 'missing parameter: the query has no `term`');
  throw new GantryError('unimplemented', 'search is not offered: registries have no search in common', {
    hint: 'search on the web page of the registry, and list the tags of a repository you know with `gantry registry tags NAME`',
  });
}
