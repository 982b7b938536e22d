import { readdirSync, readFileSync } from 'node:fs';
import { GantryError, messageOf } from '#base/error.ts';
import type { Json } from '#base/json.ts';

/** Where the Container Device Interface keeps specifications: of the operator's, and made anew with each boot. The later wins. */
const DIRECTORIES = ['/etc/cdi', '/var/run/cdi'];

/** @throws GantryError invalid for a file that is neither JSON nor YAML */
export async function readCdiFiles(): Promise<readonly { readonly path: string; readonly json: Json }[]> {
  const paths = DIRECTORIES.flatMap((directory) => namesIn(directory).filter((name) => /\.(json|ya?ml)$/.test(name)).map((name) => `${directory}/${name}`));
  return await Promise.all(paths.map(async (path) => {
    const text = readFileSync(path, 'utf8');
    try {
      // The reader of YAML is loaded with the first file that needs it.
      return { path, json: (path.endsWith('.json') ? JSON.parse(text) : (await import('yaml')).parse(text, { maxAliasCount: 100 })) as Json };
    } catch (cause) {
      throw new GantryError('invalid', `${path} can't be read: ${messageOf(cause)}`, { cause });
    }
  }));
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
