import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A compose file that both programs are asked about. */
export interface CorpusCase {
  /** `loader/extends_test.go TestExtendsX 2`, or the path of a file of the package. */
  readonly name: string;
  /** Where both are started. */
  readonly directory: string;
  readonly file: string;
}

const PACKAGE = 'github.com/compose-spec/compose-go';

/** Every compose file in the package's sources: its YAML files, and those written inside of its tests. */
export function composeGoCorpus(sources: string, scratch: string): CorpusCase[] {
  const root = join(sources, PACKAGE);
  const files = globSync('**/*.{yml,yaml}', { cwd: root }).sort().map((path) => ({ name: path, directory: dirname(join(root, path)), file: basename(path) }));
  const tests = globSync('**/*_test.go', { cwd: root }).sort().flatMap((path) => inlineCases(root, path, scratch));
  return [...files, ...tests];
}

/** Raw strings of a Go test that look like a compose file. They are written where the paths in them lead somewhere. */
function inlineCases(root: string, path: string, scratch: string): CorpusCase[] {
  const text = readFileSync(join(root, path), 'utf8');
  const cases: CorpusCase[] = [];
  const counts = new Map<string, number>();
  for (const match of text.matchAll(/`([^`]*)`/g)) {
    const yaml = match[1] ?? '';
    if (!/^\s*(?:services|name|networks|volumes|secrets|configs|include|x-[\w-]+|version):/m.test(yaml)) continue;
    const test = /.*^func (?:\([^)]*\) )?(\w+)/ms.exec(text.slice(0, match.index))?.[1] ?? 'top';
    const count = (counts.get(test) ?? 0) + 1;
    counts.set(test, count);
    const directory = join(scratch, `${path.replaceAll('/', '_')}-${test}-${count}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'compose.yaml'), yaml);
    cases.push({ name: `${path} ${test} ${count}`, directory, file: 'compose.yaml' });
  }
  return cases;
}
