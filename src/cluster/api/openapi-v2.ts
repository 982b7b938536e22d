import type { JsonObject } from '#base/json.ts';
import type { SchemaSet } from '#cluster/kinds/schema-set.ts';
import type { TypeTexts } from '#cluster/kinds/type-texts.ts';
import type { SwaggerPart } from './aggregation/aggregated-apis.ts';
import type { ApiResponse } from './api-request.ts';
import { openApiDocument } from './openapi.ts';
import type { ResourceRegistry } from './resource-registry.ts';
import { swaggerPath, swaggerSchema } from './swagger.ts';
import { definition, field, pathItem } from './swagger-proto.ts';

/** A client asks with an @ in place of the second to last dot, which no media type may have. */
const PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/**
 * `/openapi/v2`: the paths and types of all groups in one document, made from those of `/openapi/v3`, piece by piece. In JSON for
 * libraries and their generators; as an `openapi.v2.Document` (gnostic) for kubectl, which knew nothing else up to 1.26 and falls back on
 * it for kinds that can't be patched. @param further what servers behind this one have
 */
export function openApiV2(accept: string, schemas: SchemaSet, texts: TypeTexts, registry: ResourceRegistry, version: string, further: readonly SwaggerPart[] = []): ApiResponse {
  const isProtobuf = accept.includes('com.github.proto-openapi.spec.v2');
  const all = parts(schemas, texts, registry, further);
  return { kind: 'stream', contentType: isProtobuf ? PROTOBUF : 'application/json', chunks: isProtobuf ? encoded(all, version) : written(all, version) };
}

/** Each with types that no part before had. */
function* parts(schemas: SchemaSet, texts: TypeTexts, registry: ResourceRegistry, further: readonly SwaggerPart[]): Generator<SwaggerPart> {
  const known = new Set<string>();
  const fresh = <T>(types: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] => {
    const added = types.filter(([name]) => !known.has(name));
    for (const [name] of added) known.add(name);
    return added;
  };
  for (const [group, versions] of registry.groups()) {
    for (const version of versions) {
      const { paths, components } = openApiDocument(schemas, texts, registry, group, version) as { readonly paths: Readonly<Record<string, JsonObject>>; readonly components: { readonly schemas: Readonly<Record<string, JsonObject>> } };
      yield { paths: Object.entries(paths).map(([path, item]) => [path, swaggerPath(path, item)]), definitions: fresh(Object.entries(components.schemas)).map(([name, schema]) => [name, swaggerSchema(schema)]) };
    }
  }
  for (const { paths, definitions } of further) yield { paths, definitions: fresh(definitions) };
}

/** Definitions come at the end: they are known when all paths are told. */
async function* written(all: Iterable<SwaggerPart>, version: string): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const definitions: string[] = [];
  const entry = ([name, value]: readonly [string, JsonObject]): string => `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  let before = `{"swagger":"2.0","info":${JSON.stringify({ title: 'Kubernetes', version })},"paths":{`;
  for (const part of all) {
    if (part.definitions.length > 0) definitions.push(part.definitions.map(entry).join());
    if (part.paths.length === 0) continue;
    yield encoder.encode(before + part.paths.map(entry).join());
    before = ',';
  }
  yield encoder.encode('},"definitions":{');
  for (const [index, text] of definitions.entries()) yield encoder.encode((index === 0 ? '' : ',') + text);
  yield encoder.encode('}}');
}

async function* encoded(all: Iterable<SwaggerPart>, version: string): AsyncGenerator<Uint8Array> {
  yield field(1, '2.0');
  yield field(2, field(1, 'Kubernetes'), field(2, version));
  for (const { paths, definitions } of all) {
    for (const [path, item] of paths) yield pathItem(path, item);
    for (const [name, schema] of definitions) yield definition(name, schema);
  }
}
