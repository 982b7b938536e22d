import type { Json, JsonObject } from '#base/json.ts';
import type { Image } from '#container/model/image.ts';
import { isObject } from './decode.ts';
import { CONFIG, type Config } from './wire/config.ts';

export interface HistoryEntry {
  readonly created: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly isEmpty: boolean;
}

/** An image's configuration (OCI image spec, config.md) as the API tells it. */
export interface ImageConfig {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
  readonly osVersion: string;
  readonly created: string;
  readonly author: string;
  readonly dockerVersion: string;
  readonly config: Config;
  /** `config` as the image has it, for fields that the API doesn't know. */
  readonly rawConfig: JsonObject;
  readonly history: readonly HistoryEntry[];
}

const textOf = (json: Json | undefined): string => (typeof json === 'string' ? json : '');

function parse(configJson: string): ImageConfig {
  const json = JSON.parse(configJson) as Json;
  const image = isObject(json) ? json : {};
  const rawConfig = isObject(image['config']) ? image['config'] : {};
  const history = Array.isArray(image['history']) ? image['history'].filter(isObject) : [];
  return {
    os: textOf(image['os']),
    architecture: textOf(image['architecture']),
    variant: textOf(image['variant']),
    osVersion: textOf(image['os.version']),
    created: textOf(image['created']),
    author: textOf(image['author']),
    dockerVersion: textOf(image['docker_version']),
    config: CONFIG.decode(rawConfig, ''),
    rawConfig,
    history: history.map((entry: JsonObject) => ({
      created: textOf(entry['created']),
      createdBy: textOf(entry['created_by']),
      comment: textOf(entry['comment']),
      isEmpty: entry['empty_layer'] === true,
    })),
  };
}

/** Configs never change, so each is read once. */
export class ImageConfigs {
  readonly #known = new WeakMap<Image, ImageConfig>();

  of(image: Image): ImageConfig {
    const known = this.#known.get(image);
    if (known !== undefined) return known;
    const config = parse(image.configJson);
    this.#known.set(image, config);
    return config;
  }
}
