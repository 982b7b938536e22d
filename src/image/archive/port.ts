import type { ArchiveMember } from '#image/oci/load-plan.ts';
import type { LayerSource } from '#image/snapshot/port.ts';

/** An archive that came as a stream, kept aside so that its members can be read in any order. */
export interface StagedArchive {
  readonly members: readonly ArchiveMember[];
  /** @throws GantryError too-large above the bound */
  read(member: string, maxBytes: number): Promise<Uint8Array>;
  /** Where a member's bytes are, for the unpacking of a layer. */
  source(member: string): LayerSource;
  /** Deletes what was kept. */
  close(): Promise<void>;
}

export interface ArchiveStaging {
  /** Plain, gzip, bzip2, xz or zstd. @throws GantryError invalid for no tar, exhausted for a full disk */
  stage(body: AsyncIterable<Uint8Array>): Promise<StagedArchive>;
}
