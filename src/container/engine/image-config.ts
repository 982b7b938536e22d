import type { Json, JsonObject } from '#base/json.ts';
import { formatTimeNs } from '#base/clock.ts';

export interface NewConfig {
  readonly base?: JsonObject;
  readonly changes: JsonObject;
  readonly diffIds: readonly string[];
  readonly createdNs: bigint;
  readonly architecture: string;
  readonly os: string;
  readonly author?: string;
  readonly createdBy: string;
  readonly comment: string;
}

function objectOf(value: Json | undefined): JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value as JsonObject : {};
}

/** The text of an image config (OCI image spec 1.1, config.md): the base's, with a layer and a line of history more. */
export function newConfigJson(input: NewConfig): string {
  const { base = {}, changes, diffIds, comment, createdBy } = input;
  const created = formatTimeNs(input.createdNs);
  const history = Array.isArray(base['history']) ? base['history'] as readonly Json[] : [];
  const line: JsonObject = { created, ...(createdBy === '' ? {} : { created_by: createdBy }), ...(comment === '' ? {} : { comment }) };
  return JSON.stringify({
    architecture: input.architecture,
    ...(input.author === undefined || input.author === '' ? {} : { author: input.author }),
    config: { ...objectOf(base['config']), ...changes },
    created,
    history: [...history, line],
    os: input.os,
    rootfs: { type: 'layers', diff_ids: diffIds },
  });
}
