import type { Json } from '#base/json.ts';
import { parseDigest, type Digest } from './digest.ts';
import { parsePlatform, type Platform } from './platform.ts';
import { present, Shape } from './_shape.ts';

/** A reference to a blob (OCI image spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Other places to fetch from. Never followed: they can point to hosts that the user did not name (CVE-2020-15157). */
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly platform?: Platform;
  readonly artifactType?: string;
}

const FIELDS = ['mediaType', 'digest', 'size', 'urls', 'annotations', 'platform', 'artifactType', 'data'];

/** Throws `invalid`; `where` names the place: `the manifest's config`. */
export function parseDescriptor(value: Json | undefined, where: string): Descriptor {
  const shape = new Shape(value, where, FIELDS);
  return present<Descriptor>({
    mediaType: shape.required('mediaType', shape.string('mediaType')),
    digest: parseDigest(shape.required('digest', shape.string('digest'))),
    size: shape.required('size', shape.integer('size')),
    urls: shape.strings('urls'),
    annotations: shape.stringMap('annotations'),
    platform: shape.has('platform') ? parsePlatform(shape.value['platform'], `${where}'s platform`) : undefined,
    artifactType: shape.string('artifactType'),
  });
}
