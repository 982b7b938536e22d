import { GantryError } from '#base/error.ts';

/** The asked revision is too old: its state or the changes since have been compacted. Kubernetes says 410 Gone. */
export class CompactedError extends GantryError {
  /** Reading from this revision on is possible. */
  readonly compactedRevision: number;

  constructor(askedRevision: number, compactedRevision: number) {
    super('conflict', `revision ${askedRevision} is too old: the store was compacted at revision ${compactedRevision}`, {
      subject: `revision ${askedRevision}`,
      hint: 'List again, and watch from the revision of that list.',
    });
    this.compactedRevision = compactedRevision;
  }
}
