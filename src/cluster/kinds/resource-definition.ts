import { messageNameOf, splitApiVersion } from './api-groups.ts';

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
  /** The message of its objects; of a kind that a CustomResourceDefinition brings, none. */
  readonly message: string | undefined;
}

export interface ResourceOptions {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly sub?: readonly Subresource[];
  readonly plural?: string;
  readonly cluster?: boolean;
  readonly review?: boolean;
}

export function defineResource(apiVersion: string, kind: string, options: ResourceOptions = {}): ResourceDefinition {
  const { group, version } = splitApiVersion(apiVersion);
  return {
    group, version, kind, singular: kind.toLowerCase(), plural: options.plural ?? pluralOf(kind.toLowerCase()), namespaced: options.cluster !== true,
    shortNames: options.short ?? [], categories: options.categories ?? [], subresources: options.sub ?? [], isReview: options.review === true,
    message: messageNameOf(apiVersion, kind),
  };
}

function pluralOf(singular: string): string {
  if (/(s|x|ch|sh)$/.test(singular)) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}
