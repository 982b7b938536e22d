import type { SourceFile, Violation } from './source-file.ts';

/** One page, one subject: a markdown file has one `# ` title. Code blocks do not count. */
export function markdownTitle(files: readonly SourceFile[]): Violation[] {
  return files.filter(({ path }) => path.endsWith('.md') && !path.includes('/testdata/')).flatMap(({ path, text }) => {
    const titles = text.replace(/^(```|~~~)[^]*?^\1/gm, '').match(/^# /gm)?.length ?? 0;
    return titles === 1 ? [] : [{ path, message: `has ${titles} titles of the first level: give it exactly one` }];
  });
}
