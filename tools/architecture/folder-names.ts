import type { SourceFile, Violation } from './source-file.ts';

const BANNED = new Set(['util', 'utils', 'lib', 'common', 'helpers', 'shared']);

/** Names that say nothing collect what belongs elsewhere. Fixtures may hold the file systems that they need. */
export function folderNames(files: readonly SourceFile[]): Violation[] {
  return files
    .filter(({ path }) => !path.includes('/testdata/'))
    .flatMap(({ path }) => path.split('/').slice(0, -1).filter((folder) => BANNED.has(folder)).map((folder) => ({
      path,
      message: `lies in a folder named ${folder}: name the folder after the one thing that its files are about`,
    })));
}
