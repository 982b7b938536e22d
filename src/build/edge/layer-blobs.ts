import type { ChainId } from '#image/oci/chain-id.ts';
import type { Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import type { LayerCompression, Snapshots } from '#image/snapshot/port.ts';
import type { LayerRef } from '../solver/operation.ts';

export interface LayerBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
}

const MEDIA_TYPES: Readonly<Record<LayerCompression, string>> = { gzip: MEDIA_TYPE.ociLayerGzip, zstd: MEDIA_TYPE.ociLayerZstd, none: MEDIA_TYPE.ociLayer };

/**
 * What a layer is called where its blob is named before it is sent. A compressed one is made twice for that, once for its
 * digest and once to be sent: the same layer gives the same bytes, and none of them has to be kept.
 */
export async function layerBlob({ diffId, chain, tarSize }: LayerRef, compression: LayerCompression, snapshots: Pick<Snapshots, 'compressLayer'>): Promise<LayerBlob> {
  const mediaType = MEDIA_TYPES[compression];
  if (compression === 'none') return { digest: diffId as Digest, size: tarSize, mediaType };
  const { bytes, result } = snapshots.compressLayer(chain as ChainId, compression);
  for await (const _ of bytes) { /* hashed on its way */ }
  return { ...await result, mediaType };
}
