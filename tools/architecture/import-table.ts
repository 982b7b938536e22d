import { importsOf } from './imports.ts';
import { packageFault } from './packages.ts';
import { misplaced, wall } from './rooms.ts';
import { isTest, isTypeScript, type SourceFile, type Violation } from './source-file.ts';

/** A room imports only what it stands on; src/ imports only the packages that are listed, and nothing outside of src/, but its tests what test runs provide. */
export function importTable(files: readonly SourceFile[]): Violation[] {
  const violations: Violation[] = [];
  for (const file of files) {
    const { path } = file;
    if (!path.startsWith('src/') || !isTypeScript(path)) continue;
    const place = misplaced(path);
    if (place !== undefined) violations.push({ path, message: place });
    for (const { specifier, target, line } of importsOf(file)) {
      const message = target === undefined ? foreign(path, specifier) : fault(path, target);
      if (message !== undefined) violations.push({ path, line, message });
    }
  }
  return violations;
}

function fault(path: string, target: string): string | undefined {
  if (isTest(path) && target.startsWith('tools/test-run/')) return undefined;
  if (!target.startsWith('src/')) return `imports ${target}: src/ stands alone, move what it needs into src/`;
  const reason = wall(path, target);
  return reason === undefined ? undefined : `imports ${target}: ${reason}; declare a port here and let main/ pass the other in, or move the wall`;
}

function foreign(path: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:') || isTest(path)) return undefined;
  return packageFault(path, specifier);
}
