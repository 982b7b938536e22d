import { GantryError } from '#base/error.ts';
import type { Json, JsonObject } from '#base/json.ts';
import { frontOf } from '../../front.ts';
import { mergeImageConfig } from '../../lower/merge-image.ts';
import { CONFIG, type Config } from '../../wire/config.ts';
import type { Exchange } from '../exchange.ts';
import { changed, referenceOf } from './images.ts';

const OF_IMAGES = ['Cmd', 'Entrypoint', 'Env', 'ExposedPorts', 'Healthcheck', 'Labels', 'OnBuild', 'Shell', 'StopSignal', 'User', 'Volumes', 'WorkingDir'] as const;

/** The part of a container's configuration that an image has. No command is told too: it takes the one of the image away. */
function imagePart(config: Config): JsonObject {
  return Object.fromEntries(OF_IMAGES.flatMap((name) => {
    const value = config[name];
    const isTold = name === 'Cmd' || name === 'Entrypoint' || (value !== undefined && value !== null && value !== '');
    return isTold ? [[name, (value ?? null) as Json]] : [];
  }));
}

/** `POST /commit`: the container's configuration, under what the request changes of it. */
export async function commit(exchange: Exchange): Promise<void> {
  const { engine } = exchange;
  const body = CONFIG.decode((await exchange.body()) ?? null, '');
  const container = exchange.param('container');
  if (container === '') throw new GantryError('invalid', 'invalid name or ID supplied: ""');
  const { spec } = engine.containers.find(container);
  const reference = referenceOf(exchange);
  const id = await engine.images.commit({
    container: spec.id,
    ...(reference === undefined ? {} : { reference }),
    comment: exchange.param('comment'),
    author: exchange.param('author'),
    changes: await changed(imagePart(mergeImageConfig(body, frontOf(spec).config)), exchange),
    pause: exchange.flag('pause', true),
  });
  exchange.json(201, { Id: id });
}
