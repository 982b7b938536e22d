/** One blob of one repository. */
export interface BlobLink {
  readonly repository: string;
  readonly digest: string;
}

export interface UnneededBlobs {
  /** Those that no manifest of their repository needs. */
  readonly links: readonly BlobLink[];
  /** Digests that stay whatever becomes of those links. */
  readonly needed: ReadonlySet<string>;
}

/**
 * What a collection may take, if nobody used it lately.
 *
 * @param needed by repository the digests of its manifests, and of all that they name
 * @param links the blobs that repositories have
 */
export function unneededBlobs(needed: ReadonlyMap<string, ReadonlySet<string>>, links: readonly BlobLink[]): UnneededBlobs {
  return {
    links: links.filter(({ repository, digest }) => needed.get(repository)?.has(digest) !== true),
    needed: new Set([...needed.values()].flatMap((digests) => [...digests])),
  };
}

/**
 * A push sends layers, or asks for those that are there, before the manifest that needs them: for the grace a blob may have been
 * put, mounted or asked for by who is about to send that. What is not there (undefined) was used by nobody.
 */
export function isPastGrace(usedMs: number | undefined, nowMs: number, graceMs: number): boolean {
  return usedMs === undefined || usedMs < nowMs - graceMs;
}
