import type { JsonObject } from '#base/json.ts';
import { messageNameOf, splitApiVersion } from './api-groups.ts';
import type { KubeObject } from './object.ts';

export type Subresource = 'status' | 'scale' | 'log' | 'exec' | 'attach' | 'portforward' | 'eviction' | 'binding' | 'ephemeralcontainers' | 'resize' | 'proxy' | 'finalize' | 'approval' | 'token';

/** What the API serves under one plural name of a group and version. */
export interface ResourceDefinition {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** As in paths: `deployments`. */
  readonly plural: string;
  readonly singular: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly Subresource[];
  /** Only `create`, and nothing is kept: reviews and token requests. */
  readonly isReview: boolean;
  /** What can be done with it, where that is less than everything. */
  readonly verbs?: readonly string[];
  /** The message of its objects; of a kind that a CustomResourceDefinition brings, none. */
  readonly message: string | undefined;
  readonly custom?: CustomKind;
  /** It is another face of what another resource keeps. */
  readonly face?: ResourceFace;
}

/** Objects of one resource as another shows them: what is written by the one is read by the other. */
export interface ResourceFace {
  /** Whose the objects are: group and plural. */
  readonly group: string;
  readonly plural: string;
  /** As they are shown, and as they are kept. */
  shown(stored: KubeObject): KubeObject;
  stored(shown: KubeObject): KubeObject;
  /** Paths by which objects can be selected. */
  readonly selectable: readonly string[];
}

/** A version of a kind that a CustomResourceDefinition brings, as that says it. */
export interface CustomKind {
  /** The uid of the definition: another one may bring another kind under the same names. */
  readonly definition: string;
  readonly listKind: string;
  /** The version in which objects are stored. */
  readonly storageVersion: string;
  /** `apiextensions.v1.JSONSchemaProps`. */
  readonly schema: JsonObject;
  /** `apiextensions.v1.CustomResourceColumnDefinition`. */
  readonly columns: readonly JsonObject[];
  /** JSON paths of the scale subresource. */
  readonly scale?: { readonly specReplicasPath: string; readonly statusReplicasPath: string; readonly labelSelectorPath: string };
  /** Paths by which objects can be selected: `.spec.colour`. */
  readonly selectable: readonly string[];
  /** What those are told who use the version; empty: nothing. */
  readonly deprecation: string;
  /** The definition is deleted: nothing new is made. */
  readonly isTerminating: boolean;
  /** Who makes one version of another; absent: they differ in their names alone. */
  readonly conversion?: CustomConversion;
  /** Objects are seen and written in whatever version they are stored, and not converted. */
  readonly isAsStored?: boolean;
}

/** `apiextensions.v1.WebhookConversion`, with the versions that it leads between. */
export interface CustomConversion {
  /** `apiextensions.v1.WebhookClientConfig`. */
  readonly clientConfig: JsonObject;
  /** Of `ConversionReview`, the preferred one first. */
  readonly reviewVersions: readonly string[];
  /** All that the definition has, served or not: objects may be stored in any. */
  readonly versions: readonly { readonly name: string; readonly schema: JsonObject }[];
}

export interface ResourceOptions {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly sub?: readonly Subresource[];
  readonly plural?: string;
  readonly cluster?: boolean;
  readonly review?: boolean;
  readonly face?: ResourceFace;
}

export function defineResource(apiVersion: string, kind: string, options: ResourceOptions = {}): ResourceDefinition {
  const { group, version } = splitApiVersion(apiVersion);
  return {
    group, version, kind, singular: kind.toLowerCase(), plural: options.plural ?? pluralOf(kind.toLowerCase()), namespaced: options.cluster !== true,
    shortNames: options.short ?? [], categories: options.categories ?? [], subresources: options.sub ?? [], isReview: options.review === true,
    message: messageNameOf(apiVersion, kind), ...(options.face === undefined ? {} : { face: options.face }),
  };
}

function pluralOf(singular: string): string {
  if (/(s|x|ch|sh)$/.test(singular)) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}
