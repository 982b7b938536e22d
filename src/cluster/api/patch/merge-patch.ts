import type { Json, JsonObject } from '#base/json.ts';

/** RFC 7386. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: Record<string, Json> = Object.assign(Object.create(null) as Record<string, Json>, isObject(target) ? target : {});
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete merged[key];
    else merged[key] = mergePatch(Object.hasOwn(merged, key) ? merged[key] ?? null : null, value);
  }
  return merged;
}

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
