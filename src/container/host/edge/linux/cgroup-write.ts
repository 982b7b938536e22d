import { writeFileSync } from 'node:fs';
import { GantryError, messageOf } from '#base/error.ts';
import type { CgroupLayout } from './cgroup-layout.ts';

/** @throws GantryError unavailable where this machine doesn't have the controller, or the kernel refuses the value */
export function writeCgroupFile(layout: CgroupLayout, group: string, { controller, file, text }: { readonly controller: string; readonly file: string; readonly text: string }): void {
  const root = layout.version === 'v2' ? layout.root : layout.hierarchies.find(({ controllers }) => controllers.includes(controller))?.root;
  if (root === undefined) throw new GantryError('unavailable', `this machine has no control groups for ${controller}`);
  try {
    writeFileSync(`${root}${group}/${file}`, text);
  } catch (cause) {
    throw new GantryError('unavailable', `could not set ${file} to ${text}: ${messageOf(cause)}`, { subject: `control group ${group}`, cause });
  }
}
