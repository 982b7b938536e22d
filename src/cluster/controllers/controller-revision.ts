import type { JsonObject } from '#base/json.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { NewObject, View, Write } from '#cluster/loop/controller.ts';
import { controlledBy, controllerOf, controllerReference } from './owned.ts';
import type { PodTemplate } from './pod-shape.ts';
import { templateHash } from './template-hash.ts';

export const REVISIONS = 'apps/controllerrevisions';
/** On pods and revisions: which template it is. */
export const REVISION_HASH = 'controller-revision-hash';
const KEPT_REVISIONS = 10;

/** The templates that a workload had, as `kubectl rollout history` and `undo` read them. */
export interface RevisionHistory {
  /** Oldest first. */
  readonly revisions: readonly KubeObject[];
  /** That of the template as it is; none yet where the writes make it. */
  readonly current: KubeObject | undefined;
  readonly writes: readonly Write[];
}

/** `apps.v1.ControllerRevision.revision`: the larger, the newer. */
export const numberOf = (revision: KubeObject): number => Number(revision['revision'] ?? 0);

/** A patch of the workload: applied to it, it has the template of the revision. */
const dataOf = (template: PodTemplate): JsonObject => ({ spec: { template: { ...template as JsonObject, $patch: 'replace' } } });

export function templateOf(revision: KubeObject): PodTemplate {
  const { $patch: _directive, ...template } = (revision['data'] as { spec: { template: PodTemplate & { $patch: string } } }).spec.template;
  return template;
}

export function planRevisions(workload: KubeObject, template: PodTemplate, selectorLabels: Readonly<Record<string, string>>, view: View): RevisionHistory {
  const data = dataOf(template);
  const revisions = controlledBy(workload, REVISIONS, view).toSorted((a, b) => numberOf(a) - numberOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
  const current = revisions.findLast((each) => same(each['data'], data));
  const newest = revisions.at(-1);
  if (current !== undefined) {
    if (current === newest) return { revisions, current, writes: [] };
    const number = numberOf(newest ?? current) + 1;
    return { revisions, current, writes: [{ kind: 'update', resource: REVISIONS, object: { ...current, revision: number }, why: 'its template is the one that is wanted again' }] };
  }
  const number = newest === undefined ? 1 : numberOf(newest) + 1;
  const write = newRevision(workload, template, data, number, selectorLabels, view);
  return { revisions, current, writes: [write] };
}

/** Under the first name that nobody has; an orphan with this very template is taken over. */
function newRevision(workload: KubeObject, template: PodTemplate, data: JsonObject, revision: number, selectorLabels: Readonly<Record<string, string>>, view: View): Write {
  const { name, namespace, annotations } = workload.metadata;
  for (let collisions = 0; ; collisions += 1) {
    const hash = templateHash(template, collisions);
    const present = view.get(REVISIONS, namespace, `${name}-${hash}`);
    const ownerReferences = [controllerReference(workload)];
    if (present !== undefined && controllerOf(present) === undefined && same(present['data'], data)) {
      return { kind: 'update', resource: REVISIONS, object: { ...present, revision, metadata: { ...present.metadata, ownerReferences } }, why: 'it has the template, and nobody owns it' };
    }
    if (present !== undefined) continue;
    const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...kept } = annotations ?? {};
    const object: NewObject = {
      apiVersion: 'apps/v1', kind: 'ControllerRevision', data, revision,
      metadata: { name: `${name}-${hash}`, ...(namespace === undefined ? {} : { namespace }), labels: { ...selectorLabels, ...template.metadata?.labels, [REVISION_HASH]: hash }, ownerReferences, ...(Object.keys(kept).length === 0 ? {} : { annotations: kept }) },
    };
    return { kind: 'create', resource: REVISIONS, object, why: `no revision has the template: it is number ${revision}` };
  }
}

/** Old revisions that no pod has, beyond those that are kept. @param live names or hashes that are in use */
export function forgetRevisions(revisions: readonly KubeObject[], live: ReadonlySet<string>, kept = KEPT_REVISIONS): Write[] {
  const idle = revisions.filter(({ metadata }) => !live.has(metadata.name) && !live.has(metadata.labels?.[REVISION_HASH] ?? ''));
  return idle.slice(0, Math.max(0, idle.length - kept)).map((object): Write => ({ kind: 'delete', resource: REVISIONS, object, why: `only ${kept} old revisions are kept` }));
}
