import { GantryError } from '#base/error.ts';

export type ApiQuery = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface ApiRequest {
  readonly query?: ApiQuery;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The Docker Engine API. A refusal is a GantryError of the kind that its status stands for. */
export interface DockerApi {
  json<T>(method: string, path: string, request?: ApiRequest): Promise<T>;
  text(method: string, path: string, request?: ApiRequest): Promise<string>;
  stream(method: string, path: string, request?: ApiRequest): AsyncIterable<Uint8Array>;
}

/** Label filters in the form of the API. */
export function labelFilter(...labels: readonly string[]): string {
  return JSON.stringify({ label: labels });
}

/** A name of the user as one part of a path: whatever it holds, it leads nowhere else. */
export function pathPart(name: string): string {
  if (name === '' || name === '.' || name === '..') throw new GantryError('invalid', `${JSON.stringify(name)} is no name`);
  return encodeURIComponent(name);
}

/** The name of an image in a path, in which slashes are its own. */
export function imagePath(image: string): string {
  const parts = image.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) throw new GantryError('invalid', `invalid reference format: ${image}`, { subject: `image ${image}`, hint: 'an image is named [REGISTRY/]NAME[:TAG]' });
  return parts.map((part) => encodeURIComponent(part).replaceAll('%3A', ':').replaceAll('%40', '@')).join('/');
}
