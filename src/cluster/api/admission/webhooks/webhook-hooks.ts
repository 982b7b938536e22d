import type { Json, JsonObject } from '#base/json.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { ObjectView } from '../../object-view.ts';
import { objectOf, objectsOf, textOf } from '../pod-spec.ts';

/** One webhook of a configuration (`admissionregistration.v1.MutatingWebhook`, `.ValidatingWebhook`). */
export interface Hook {
  readonly configuration: string;
  readonly name: string;
  /** Among all of its sort, in the order in which they are asked. */
  readonly id: string;
  readonly clientConfig: JsonObject;
  /** As a policy matches: rules, and selectors. */
  readonly match: JsonObject;
  readonly conditions: readonly JsonObject[];
  readonly isEquivalent: boolean;
  readonly isIgnored: boolean;
  readonly timeoutMs: number;
  readonly reviewVersion: string | undefined;
  readonly isReinvoked: boolean;
}

const DEFAULT_SECONDS = 10;
const REVIEW_VERSIONS = ['v1', 'v1beta1'];

/** The webhooks of one sort, by the names of their configurations and then in their order; read anew where one changed. */
export class Hooks {
  readonly #view: ObjectView;
  readonly #resource: string;
  readonly #known = new Map<KubeObject, readonly Hook[]>();

  /** @param resource `admissionregistration.k8s.io/mutatingwebhookconfigurations` */
  constructor(view: ObjectView, resource: string) {
    this.#view = view;
    this.#resource = resource;
  }

  all(): readonly Hook[] {
    const configurations = this.#view.list(this.#resource);
    if (configurations.length === 0) return [];
    for (const known of this.#known.keys()) if (!configurations.includes(known)) this.#known.delete(known);
    return configurations.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)).flatMap((configuration) => {
      const hooks = this.#known.get(configuration) ?? objectsOf(configuration['webhooks'] as Json | undefined).map((hook, index) => hookOf(configuration, hook, index));
      this.#known.set(configuration, hooks);
      return hooks;
    });
  }
}

function hookOf({ metadata }: KubeObject, hook: JsonObject, index: number): Hook {
  const versions = Array.isArray(hook['admissionReviewVersions']) ? hook['admissionReviewVersions'] as readonly Json[] : [];
  return {
    configuration: metadata.name, name: textOf(hook['name']), id: `${metadata.name}/${textOf(hook['name'])}/${index}`, clientConfig: objectOf(hook['clientConfig']),
    match: { resourceRules: hook['rules'] ?? [], namespaceSelector: hook['namespaceSelector'] ?? {}, objectSelector: hook['objectSelector'] ?? {} },
    conditions: objectsOf(hook['matchConditions']), isEquivalent: hook['matchPolicy'] !== 'Exact', isIgnored: hook['failurePolicy'] === 'Ignore',
    timeoutMs: (typeof hook['timeoutSeconds'] === 'number' ? hook['timeoutSeconds'] : DEFAULT_SECONDS) * 1000,
    reviewVersion: versions.map(String).find((version) => REVIEW_VERSIONS.includes(version)), isReinvoked: hook['reinvocationPolicy'] === 'IfNeeded',
  };
}
