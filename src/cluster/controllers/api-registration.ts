import { LOCAL, withAvailability } from '#cluster/api/aggregation/availability.ts';
import { CUSTOM_PRIORITY, localPriority, type Priority } from '#cluster/api/aggregation/local-priority.ts';
import { API_SERVICES, registrationName, remoteApi } from '#cluster/api/aggregation/remote-api.ts';
import { same } from '#cluster/api/same.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import { NOTHING, type Controller, type Plan, type View } from '#cluster/loop/controller.ts';
import { DEFINITIONS } from './custom-resource-definition.ts';
import { isDeleted } from './owned.ts';

/** Whose registrations are ours to keep: one without it is somebody's own. */
const MANAGED = 'kube-aggregator.kubernetes.io/automanaged';
const OWN_GROUP = 'apiregistration.k8s.io';

export interface ServedVersion {
  readonly group: string;
  readonly version: string;
}

interface Wanted extends ServedVersion {
  readonly priority: Priority;
  /** Absent: whoever registers a server of his own takes it over. */
  readonly managed?: string;
}

/**
 * Shows what the API itself serves, built in and by definitions, as APIServices that are always available (kube-aggregator,
 * pkg/controllers/autoregister). @param builtIn what it serves without anybody's definition @param replaceable groups whose registration others may write over
 */
export function apiRegistration(builtIn: () => readonly ServedVersion[], replaceable: ReadonlySet<string>): Controller {
  const own = (): readonly Wanted[] => builtIn().filter(({ group }) => group !== OWN_GROUP).map(({ group, version }) => ({ group, version, priority: localPriority(group, version), ...(replaceable.has(group) ? {} : { managed: 'onstart' }) }));
  const wantedOf = (name: string, view: View): Wanted | undefined => own().find(({ group, version }) => registrationName(group, version) === name) ?? view.list(DEFINITIONS).flatMap(versionsOf).find(({ group, version }) => registrationName(group, version) === name);
  return {
    name: 'autoregister', reads: ['namespaces', DEFINITIONS, API_SERVICES], writes: [API_SERVICES],
    keysFor(resource, object) {
      // Every cluster has it, so that all of them are looked at once.
      if (resource === 'namespaces') return object.metadata.name === 'kube-system' ? own().map(({ group, version }) => registrationName(group, version)) : [];
      return resource === DEFINITIONS ? allVersionsOf(object).map(({ group, version }) => registrationName(group, version)) : [object.metadata.name];
    },
    reconcile(name, view, nowMs): Plan {
      const [wanted, present] = [wantedOf(name, view), view.get(API_SERVICES, undefined, name)];
      if (present === undefined) return wanted === undefined ? NOTHING : { writes: [{ kind: 'create', resource: API_SERVICES, object: registrationOf(name, wanted), why: `the API serves ${wanted.group}/${wanted.version}` }] };
      if (isDeleted(present)) return NOTHING;
      if (present.metadata.labels?.[MANAGED] !== undefined) {
        if (wanted === undefined) return { writes: [{ kind: 'delete', resource: API_SERVICES, object: present, why: 'the API serves it no more' }] };
        const spec = specOf(wanted);
        if (!same(present['spec'], spec)) return { writes: [{ kind: 'update', resource: API_SERVICES, object: { ...present, spec }, why: `the API itself serves ${wanted.group}/${wanted.version}` }] };
      }
      const told = remoteApi(present) === undefined ? withAvailability(present, LOCAL, nowMs) : undefined;
      return told === undefined ? NOTHING : { writes: [{ kind: 'status', resource: API_SERVICES, object: told, why: 'the API itself serves it' }] };
    },
  };
}

function registrationOf(name: string, wanted: Wanted): { apiVersion: string; kind: string; metadata: { name: string; labels?: Record<string, string> }; spec: object } {
  return { apiVersion: `${OWN_GROUP}/v1`, kind: 'APIService', metadata: { name, ...(wanted.managed === undefined ? {} : { labels: { [MANAGED]: wanted.managed } }) }, spec: specOf(wanted) };
}

const specOf = ({ group, version, priority }: Wanted): object => ({ ...(group === '' ? {} : { group }), version, groupPriorityMinimum: priority.group, versionPriority: priority.version });

interface Definition {
  readonly spec: { readonly group: string; readonly versions: readonly { readonly name: string; readonly served: boolean }[] };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function versionsOf(definition: KubeObject): readonly Wanted[] {
  const { spec, status } = definition as unknown as Definition;
  const isServed = status?.conditions?.some((each) => each.type === 'Established' && each.status === 'True') === true;
  return isServed ? spec.versions.filter(({ served }) => served).map(({ name: version }) => ({ group: spec.group, version, priority: CUSTOM_PRIORITY, managed: 'true' })) : [];
}

function allVersionsOf(definition: KubeObject): readonly ServedVersion[] {
  const { spec } = definition as unknown as Definition;
  return spec.versions.map(({ name: version }) => ({ group: spec.group, version }));
}
