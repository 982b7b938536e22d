import type { Definitions, Schema } from './schema.ts';

export interface DescribedResponse {
  readonly schema?: Schema;
  readonly headers?: Readonly<Record<string, Schema>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header' | 'body';
  readonly required?: boolean;
  readonly type?: string;
  readonly schema?: Schema;
  readonly enum?: readonly unknown[];
}

export interface Operation {
  /** As `GET /containers/{id}/json`. */
  readonly title: string;
  readonly method: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly produces: readonly string[];
  readonly parameters: readonly Parameter[];
  readonly responses: Readonly<Record<string, DescribedResponse>>;
}

export interface Description {
  readonly version: string;
  readonly definitions: Definitions;
  readonly operations: readonly Operation[];
}

/** The description as it stands in the YAML. */
export interface ApiDocument {
  readonly info: { readonly version: string };
  readonly produces?: readonly string[];
  readonly definitions: Definitions;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'title' | 'method' | 'path'>>>>>;
}

export function describe(document: ApiDocument): Description {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([name, operation]): Operation => {
    const method = name.toUpperCase();
    return { ...operation, title: `${method} ${path}`, method, path, produces: operation.produces ?? document.produces ?? [], parameters: operation.parameters ?? [] };
  }));
  return { version: document.info.version, definitions: document.definitions, operations };
}

function patternOf(path: string): RegExp {
  // Names of images and plugins have slashes; ids of other things have none.
  return new RegExp(`^${path.replaceAll(/\{name\}/g, '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

/** The operation of a request, or undefined. @param target path with or without version and query */
export function findOperation({ operations }: Description, method: string, target: string): Operation | undefined {
  const path = target.replace(/\?.*$/s, '').replace(/^\/v\d+\.\d+(?=\/)/, '');
  const fitting = operations.filter((operation) => operation.method === method && (operation.path === path || patternOf(operation.path).test(path)));
  return fitting.find((operation) => operation.path === path) ?? fitting[0];
}
