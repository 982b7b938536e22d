import type { Json, JsonObject } from '#base/json.ts';
import { objectOf, objectsOf } from '../admission/pod-spec.ts';

/** More than any server has; what is above is not shown. */
const MOST_RESOURCES = 2000;

/** What a server says that it has of a group and version: resources as `apidiscovery.k8s.io/v2` has them. Undefined where the document is none, or does not speak of it. */
export function aggregatedResources(document: Json | undefined, group: string, version: string): readonly JsonObject[] | undefined {
  const list = objectOf(document);
  if (list['kind'] !== 'APIGroupDiscoveryList') return undefined;
  const found = objectsOf(list['items']).filter((item) => objectOf(item['metadata'])['name'] === group).flatMap((item) => objectsOf(item['versions'])).find((each) => each['version'] === version);
  // A kind may be missing, and clients of 1.26 read it all the same.
  const kinded = (each: JsonObject): JsonObject => ({ ...each, responseKind: objectOf(each['responseKind']) });
  return found === undefined ? undefined : objectsOf(found['resources']).slice(0, MOST_RESOURCES).map((each) => (each['subresources'] === undefined ? kinded(each) : { ...kinded(each), subresources: objectsOf(each['subresources']).map(kinded) }));
}

/** The same of an `APIResourceList`, the older form. */
export function listedResources(document: Json | undefined, group: string, version: string): readonly JsonObject[] | undefined {
  const list = objectOf(document);
  if (list['kind'] !== 'APIResourceList') return undefined;
  const resources = objectsOf(list['resources']).slice(0, MOST_RESOURCES);
  const nameOf = (each: JsonObject): string => (typeof each['name'] === 'string' ? each['name'] : '');
  const kindOf = (each: JsonObject): JsonObject => ({ group: each['group'] ?? group, version: each['version'] ?? version, kind: each['kind'] ?? '' });
  return resources.filter((each) => nameOf(each) !== '' && !nameOf(each).includes('/')).map((each): JsonObject => {
    const name = nameOf(each);
    const below = resources.filter((other) => nameOf(other).startsWith(`${name}/`));
    return {
      resource: name, responseKind: kindOf(each), scope: each['namespaced'] === true ? 'Namespaced' : 'Cluster', singularResource: each['singularName'] ?? '', verbs: each['verbs'] ?? [],
      ...(each['shortNames'] === undefined ? {} : { shortNames: each['shortNames'] }), ...(each['categories'] === undefined ? {} : { categories: each['categories'] }),
      ...(below.length === 0 ? {} : { subresources: below.map((sub) => ({ subresource: nameOf(sub).slice(name.length + 1), responseKind: kindOf(sub), verbs: sub['verbs'] ?? [] })) }),
    };
  });
}
