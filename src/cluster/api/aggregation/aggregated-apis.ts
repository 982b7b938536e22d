import type { JsonObject } from '#base/json.ts';
import type { ApiRequest, ApiResponse } from '../api-request.ts';
import type { RemoteApi } from './remote-api.ts';

/** A group and version of another server, with what is known of it. */
export interface AggregatedVersion extends RemoteApi {
  /** As `apidiscovery.k8s.io/v2` has them. */
  readonly resources: readonly JsonObject[];
  /** It was told just now, and not before the server was lost. */
  readonly isCurrent: boolean;
  /** Empty: it has no document of OpenAPI v3. */
  readonly openApiHash: string;
}

export interface SwaggerPart {
  readonly paths: readonly (readonly [path: string, item: JsonObject])[];
  readonly definitions: readonly (readonly [name: string, schema: JsonObject])[];
}

/** What other servers behind this API serve. */
export interface AggregatedApis {
  /** Another number whenever something else is served than before. */
  readonly generation: number;
  find(group: string, version: string): RemoteApi | undefined;
  list(): readonly AggregatedVersion[];
  answer(remote: RemoteApi, request: ApiRequest): Promise<ApiResponse>;
  /** Its document of OpenAPI v3. */
  openApi(remote: RemoteApi): Promise<ApiResponse | undefined>;
  /** What their documents of OpenAPI v2 have. */
  swagger(): Promise<readonly SwaggerPart[]>;
}
