import { GantryError } from '#base/error.ts';
import { joinApiVersion } from '#cluster/kinds/api-groups.ts';
import type { KubeObject } from '#cluster/kinds/object.ts';
import type { CustomConversion, ResourceDefinition } from '#cluster/kinds/resource-definition.ts';

/** Makes objects of one version of a custom kind objects of another. */
export interface VersionConverter {
  /**
   * @param objects each in its own version; those that are in `version` stay as they are
   * @returns the same objects in `version`, in their order
   * @throws StatusError where whoever has to be asked can't be, or made something else of them
   */
  convert(of: ResourceDefinition, conversion: CustomConversion, objects: readonly KubeObject[], version: string): Promise<readonly KubeObject[]>;
}

/** Of a server whose kinds all differ in the names of their versions alone. */
export const noConverter: VersionConverter = {
  convert: async ({ plural, group }, _conversion, objects, version) => {
    if (objects.every(({ apiVersion }) => apiVersion === joinApiVersion(group, version))) return objects;
    throw new GantryError('internal', `objects of ${plural}.${group} are converted by a webhook, and this server asks none`);
  },
};
