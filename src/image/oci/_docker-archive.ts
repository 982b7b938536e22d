import { GantryError } from '#base/error.ts';
import type { Archive } from './_archive.ts';
import type { LoadedImage } from './load-plan.ts';
import { digestOfHex } from './digest.ts';
import { parseImageConfig } from './image-config.ts';
import { formatReference, parseReference, withDefaultTag } from './reference.ts';
import { present, Shape } from './_shape.ts';
import { parseStrictJson } from './strict-json.ts';

const FIELDS = ['Config', 'RepoTags', 'Layers', 'Parent', 'LayerSources'];

interface Item {
  readonly config: string;
  readonly layers: readonly string[];
  readonly tags: readonly string[];
}

/** The format of `docker save`: `manifest.json` lists configs, layers and tags. Images are left out while documents are missing. */
export function readDockerArchive(archive: Archive): LoadedImage[] {
  const list = archive.document('manifest.json', 'its list of images');
  if (list === undefined) return [];
  const value = parseStrictJson(new TextDecoder().decode(list), 'manifest.json');
  if (!Array.isArray(value)) throw new GantryError('invalid', 'manifest.json is not a list');
  return value.flatMap((item, index) => {
    const shape = new Shape(item, `image ${index + 1} of manifest.json`, FIELDS);
    return readImage(archive, present<Item>({
      config: shape.required('Config', shape.string('Config')),
      layers: shape.strings('Layers') ?? [],
      tags: shape.strings('RepoTags') ?? [],
    }));
  });
}

function readImage(archive: Archive, item: Item): LoadedImage[] {
  const members = item.layers.map((layer) => archive.file(layer, 'a layer').name);
  const tags = item.tags.map(parseTag);
  const bytes = archive.document(item.config, 'a config');
  if (bytes === undefined) return [];
  const config = parseImageConfig(new TextDecoder().decode(bytes));
  if (config.diffIds.length !== members.length) {
    throw new GantryError('invalid', `invalid manifest, layers length mismatch: expected ${config.diffIds.length}, got ${members.length}`);
  }
  return [{
    id: digestOfHex(archive.hasher.sha256(bytes)),
    config,
    configBytes: bytes,
    layers: members.map((member, index) => ({ member, diffId: config.diffIds[index]! })),
    tags,
  }];
}

function parseTag(text: string): string {
  const reference = parseReference(text);
  if (reference.digest !== undefined) throw new GantryError('invalid', `invalid tag ${JSON.stringify(text)}: it has a digest`);
  return formatReference(withDefaultTag(reference));
}
