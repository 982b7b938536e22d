import type { KubeObject } from '#cluster/kinds/object.ts';

/** Objects as of now, of the resources that are kept at hand; a resource by its name, `pods` or `apps/deployments`. */
export interface ObjectView {
  list(resource: string, namespace?: string): readonly KubeObject[];
  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
}
