import type { JsonObject } from '#base/json.ts';
import type { ResourceDefinition } from '#cluster/kinds/resource-definition.ts';
import type { ObjectStore, ObjectTexts } from './object-store.ts';

/** Objects in one piece of an answer: a list of any length holds the loop for a few milliseconds at a time, and costs the memory of one piece. */
export const TEXT_PAGE = 500;

/**
 * A list of everything, as text, from its first page on; what is in the objects is not looked at. All pages show the state of the first.
 * @param body of the list, without its items
 */
export async function* listText(objects: ObjectStore, of: ResourceDefinition, namespace: string | undefined, first: ObjectTexts, body: JsonObject): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const head = JSON.stringify(body);
  let before = `${head.slice(0, -1)},"items":[`;
  for (let page = first; ; page = await objects.texts(of, namespace, { limit: TEXT_PAGE, at: first.revision, after: page.after })) {
    const more = page.after !== undefined;
    yield encoder.encode(`${before}${page.texts.join(',')}${more ? '' : ']}\n'}`);
    if (!more) return;
    before = ',';
  }
}
