import { isKind } from '#base/error.ts';
import type { EnginePort } from '#container/engine/port.ts';
import type { Container } from '#container/model/container.ts';
import { LABEL, SANDBOX_NAME } from './observed.ts';

/** To take leave, where nobody waits for the pod any more. */
const GRACE_SECONDS = 2;

/**
 * Ends what is left of pods whose objects are gone: deleted by force, or at once because they were over.
 * @param key of the pods, `namespace/name`
 * @param uid of the pod that has the name now
 * @param removeVolumes of the pod with this uid
 * @returns their containers
 */
export async function endStrays({ containers }: Pick<EnginePort, 'containers'>, key: string, uid: string | undefined, removeVolumes: (uid: string) => Promise<void>): Promise<readonly Container[]> {
  const strays = containers.list().filter(({ spec: { owner, labels } }) => owner.front === 'cluster' && owner.name !== uid && `${labels[LABEL.namespace]}/${labels[LABEL.podName]}` === key);
  // The sandbox last: the others stand in its namespaces.
  const inOrder = [...strays.filter(({ spec }) => !isSandbox(spec)), ...strays.filter(({ spec }) => isSandbox(spec))];
  for (const { spec, state } of inOrder) {
    if (state.phase === 'running' && !isSandbox(spec)) await unlessGone(containers.stop(spec.id, { timeoutSeconds: GRACE_SECONDS }));
    await unlessGone(containers.remove(spec.id, { force: true, volumes: true }));
  }
  for (const gone of new Set(strays.map(({ spec: { owner } }) => owner.name))) await removeVolumes(gone);
  return strays;
}

const isSandbox = ({ labels }: Container['spec']): boolean => labels[LABEL.container] === SANDBOX_NAME;

async function unlessGone(work: Promise<unknown>): Promise<void> {
  await work.catch((thrown: unknown) => {
    if (!isKind(thrown, 'not-modified', 'not-found')) throw thrown;
  });
}
