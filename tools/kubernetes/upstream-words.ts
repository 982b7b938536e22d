import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { textsByGroup } from '#cluster/kinds/texts/texts-by-group.ts';
import { TypeTexts } from '#cluster/kinds/type-texts.ts';

/** As many words in a row as two people hardly ever write alike. */
const RUN = 8;

/** Every run of eight words in the comments of upstream's `generated.proto` files below a folder. */
export function upstreamRuns(folder: string): Set<string> {
  const runs = new Set<string>();
  for (const path of globSync('**/generated.proto', { cwd: folder })) for (const comment of commentsOf(readFileSync(join(folder, path), 'utf8'))) for (const run of runsOf(comment)) runs.add(run);
  return runs;
}

/** Comments of several lines are one. */
export function commentsOf(proto: string): string[] {
  return proto.split(/\n(?!\s*\/\/)/).map((block) => [...block.matchAll(/^\s*\/\/(?!\s*\+)(.*)$/gm)].map(([, text = '']) => text).join(' ')).filter((text) => text !== '');
}

/** The first run of words of the text that is upstream's too. */
export function copiedRun(text: string, upstream: ReadonlySet<string>): string | undefined {
  return runsOf(text).find((run) => upstream.has(run));
}

/** Descriptions that have a run of upstream's words, as `core.PodSpec.nodeName: these words`. */
export function copiedTexts(upstream: ReadonlySet<string>, texts = textsByGroup): string[] {
  return [...new TypeTexts(texts).entries()].flatMap(([path, text]) => {
    const run = copiedRun(text, upstream);
    return run === undefined ? [] : [`${path}: ${run}`];
  });
}

function runsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return Array.from({ length: Math.max(words.length - RUN + 1, 0) }, (_, at) => words.slice(at, at + RUN).join(' '));
}
