import type { KubeObject } from '#cluster/kinds/object.ts';

/** Objects of one resource by their own uid and by those of their owners. */
export class UidIndex {
  readonly #own = new Map<string, KubeObject>();
  readonly #owned = new Map<string, Map<string, KubeObject>>();

  byUid(uid: string): KubeObject | undefined {
    return this.#own.get(uid);
  }

  /** In the order in which they came. */
  ownedBy(uid: string): readonly KubeObject[] {
    return [...this.#owned.get(uid)?.values() ?? []];
  }

  /** One of both may be missing: it is new, or gone. */
  change(object: KubeObject | undefined, previous: KubeObject | undefined): void {
    if (previous !== undefined) {
      // What stays keeps its place, so that a plan goes through the same things in the same order.
      const isSame = previous.metadata.uid === object?.metadata.uid;
      if (!isSame) this.#own.delete(previous.metadata.uid);
      for (const { uid } of previous.metadata.ownerReferences ?? []) {
        if (isSame && object?.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true) continue;
        const siblings = this.#owned.get(uid);
        siblings?.delete(previous.metadata.uid);
        if (siblings?.size === 0) this.#owned.delete(uid);
      }
    }
    if (object === undefined) return;
    this.#own.set(object.metadata.uid, object);
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const siblings = this.#owned.get(uid) ?? new Map<string, KubeObject>();
      this.#owned.set(uid, siblings);
      siblings.set(object.metadata.uid, object);
    }
  }
}
