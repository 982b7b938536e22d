import type { ImageId } from './ids.ts';

/** Statements about an image, in a manifest of its own (in-toto). */
export interface Attestation {
  readonly digest: string;
  /** Such as `https://slsa.dev/provenance/v0.2`, `https://spdx.dev/Document`. */
  readonly predicateTypes: readonly string[];
}

/** An image of this host's store. */
export interface Image {
  readonly id: ImageId;
  /** The config as its digest covers it, byte for byte. */
  readonly configJson: string;
  /** Digests of the uncompressed layers, base first. */
  readonly diffIds: readonly string[];
  /** Chain ids that name the unpacked layers, base first. */
  readonly chainIds: readonly string[];
  /** Bytes of the layers' files, base first. */
  readonly layerSizes: readonly number[];
  /** Bytes of the layers' uncompressed tars. */
  readonly layerTarSizes: readonly number[];
  /** Full names with tags, as `docker.io/library/nginx:latest`. */
  readonly tags: readonly string[];
  /** Full names with the digest that a registry has the image under: `docker.io/library/nginx@sha256:...`. */
  readonly digests: readonly string[];
  /** Digests of the documents that are kept of it: manifests and indexes, as a registry has them. */
  readonly content?: readonly string[];
  /** Of these, the manifest that led to this config. */
  readonly manifest?: string;
  /** What the same index says about it: provenance, bills of materials. Only named here. */
  readonly attestations?: readonly Attestation[];
  /** What the build of it says about it: documents that are kept, and go with it to registries and into archives. */
  readonly predicates?: readonly { readonly type: string; readonly digest: string }[];
  readonly parent?: ImageId;
  readonly createdNs: string;
  readonly comment: string;
}
