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
