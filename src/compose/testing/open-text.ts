import { openProject, type OpenOptions } from '../load/open-project.ts';
import type { Project } from '../model/project.ts';
import { MemoryFiles } from './memory-files.ts';

export type OpenedText = Partial<Omit<OpenOptions, 'files'>> & { readonly files?: Readonly<Record<string, string>> };

/** The project of a compose file given as text, as if it were /app/compose.yaml. */
export function openText(yaml: string, { files = {}, ...options }: OpenedText = {}): Project {
  return openProject({
    cwd: '/app', environment: new Map(), composeFiles: [], envFiles: [], projectDirectory: '', projectName: '', profiles: [],
    readStdin: () => '', warn: () => {}, ...options, files: new MemoryFiles({ '/app/compose.yaml': yaml, ...files }),
  });
}
