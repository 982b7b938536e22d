import { SystemHasher } from '../../src/base/edge/system-hasher.ts';
import { layoutOf, type Layout } from '../../src/container/engine/layout.ts';

/** What a daemon calls its things in the kernel, from its root. */
export function placeOf(daemon: { readonly root: string; readonly run: string }): Layout {
  return layoutOf(daemon.root, daemon.run, new SystemHasher());
}
