import { spawn } from 'node:child_process';
import { renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CHILD_BUNDLE, isOfPresentSources, readManifest } from '#image/snapshot/edge/child-code.ts';

/** After an edit of the programs' sources: their scripts are made anew, in the background, for the next daemon. Where set-up made none, none are. */
export function renewChildren(): void {
  const manifest = readManifest(CHILD_BUNDLE);
  if (manifest === undefined || isOfPresentSources(manifest)) return;
  try {
    // Whoever takes the manifest away makes a new one; nobody else does.
    renameSync(`${CHILD_BUNDLE}/manifest.json`, `${CHILD_BUNDLE}/manifest.old.json`);
  } catch {
    return;
  }
  const program = fileURLToPath(new URL('write-children.ts', import.meta.url));
  spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program], { detached: true, stdio: 'ignore', cwd: '/', env: {} }).unref();
}
