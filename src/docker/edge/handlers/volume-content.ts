import { GantryError } from '#base/error.ts';
import { renderVolume } from '../../render/volume.ts';
import type { Exchange } from '../exchange.ts';
import { sendArchive } from '../send-archive.ts';

/*
 * What Docker's API has not: a volume's other name, its copy, and its files as a tar. The paths are those that Docker would
 * have chosen, so that a client of both finds 404 on the other.
 */

function newNameOf(exchange: Exchange): string {
  const name = exchange.param('name');
  if (name === '') throw new GantryError('invalid', 'the new name is missing', { hint: 'give it as ?name=NAME' });
  return name;
}

/** `POST /volumes/{name}/rename?name=NEW`. */
export async function rename(exchange: Exchange): Promise<void> {
  const { volumes } = exchange.engine;
  const volume = await volumes.rename(exchange.name, newNameOf(exchange));
  exchange.json(200, renderVolume(volume, volumes.pathOf(volume.name)));
}

/** `POST /volumes/{name}/clone?name=NEW`. */
export async function clone(exchange: Exchange): Promise<void> {
  const { volumes } = exchange.engine;
  const volume = await volumes.clone(exchange.name, newNameOf(exchange));
  exchange.json(201, renderVolume(volume, volumes.pathOf(volume.name)));
}

/** `GET /volumes/{name}/export`: its files as a tar. */
export async function exportVolume(exchange: Exchange): Promise<void> {
  await sendArchive(exchange, await exchange.engine.volumes.export(exchange.name));
}

/** `PUT /volumes/{name}/import`: a tar, plain or compressed, unpacked over what is there; an absent volume is made. */
export async function importVolume(exchange: Exchange): Promise<void> {
  // Left early, the request stays: it has to be answered.
  await exchange.engine.volumes.import(exchange.name, exchange.req.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>);
  exchange.empty(200);
}
