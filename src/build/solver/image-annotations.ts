import { GantryError } from '#base/error.ts';

type Annotations = Readonly<Record<string, string>>;

/** What a client wants written into the documents around an image (OCI image spec, annotations.md). */
export interface ImageAnnotations {
  readonly manifest: Annotations;
  /** Of the manifest's line in the index. */
  readonly manifestDescriptor: Annotations;
  readonly index: Annotations;
  /** Of the index's line in a layout. */
  readonly indexDescriptor: Annotations;
}

const PLACES: Readonly<Record<string, keyof ImageAnnotations>> = {
  '': 'manifest', manifest: 'manifest', 'manifest-descriptor': 'manifestDescriptor', index: 'index', 'index-descriptor': 'indexDescriptor',
};
const KEY = /^annotation(?:-([a-z-]+))?(?:\[([^\]]+)\])?\.(.+)$/;

/**
 * Those of an exporter's attributes that are for an image of this platform: `annotation[-PLACE][PLATFORM].KEY` (BuildKit
 * exporter/containerimage/exptypes/annotations.go). What names the platform goes over what is for all. Throws `invalid`.
 */
export function readAnnotations(attributes: ReadonlyMap<string, string>, platform: string): ImageAnnotations {
  const places = { manifest: new Map<string, string>(), manifestDescriptor: new Map<string, string>(), index: new Map<string, string>(), indexDescriptor: new Map<string, string>() };
  const found = [...attributes].flatMap(([attribute, value]) => {
    const [, place = '', own, key] = KEY.exec(attribute) ?? [];
    return key === undefined ? [] : [{ attribute, value, place, own, key }];
  });
  for (const { attribute, value, place, own, key } of [...found.filter((one) => one.own === undefined), ...found.filter((one) => one.own !== undefined)]) {
    const to = Object.hasOwn(PLACES, place) ? PLACES[place] : undefined;
    if (to === undefined) throw new GantryError('invalid', `the annotation ${JSON.stringify(attribute)} is for ${JSON.stringify(place)}: known are manifest, manifest-descriptor, index and index-descriptor`);
    if (own !== undefined && own !== platform) continue;
    if (own !== undefined && (to === 'index' || to === 'indexDescriptor')) throw new GantryError('invalid', `the annotation ${JSON.stringify(attribute)} is for an index, which is of no one platform`);
    places[to].set(key, value);
  }
  const { manifest, manifestDescriptor, index, indexDescriptor } = places;
  return { manifest: recordOf(manifest), manifestDescriptor: recordOf(manifestDescriptor), index: recordOf(index), indexDescriptor: recordOf(indexDescriptor) };
}

export function isAnnotated(annotations: ImageAnnotations): boolean {
  return Object.values(annotations).some((place: Annotations) => Object.keys(place).length > 0);
}

function recordOf(map: ReadonlyMap<string, string>): Annotations {
  return Object.fromEntries([...map].sort(([left], [right]) => (left < right ? -1 : 1)));
}
