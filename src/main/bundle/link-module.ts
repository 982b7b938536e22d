/** What the code of a module says of others, with the expressions that stand for them in a bundle. */
export interface Links {
  /** An expression for the exports of what an `import` names. */
  readonly imported: (specifier: string) => string;
  /** An expression for a promise of the exports of what an `import()` names. */
  readonly awaited: (specifier: string) => string;
  /** The URL of the module. */
  readonly url: string;
}

const IMPORT = /^import (?:(?<clause>[^'"`;]+?) from )?'(?<specifier>[^'\n]+)';$/gm;
const EXPORT = /^export (?<declaration>(?:async )?function\*?|const|class) (?<name>[\w$]+)/gm;
const DYNAMIC = /(?<![\w$.])import\('(?<specifier>[^'\n]+)'\)/g;

/**
 * The body of a function that does what an ES module does when it is evaluated, and returns its exports. It takes the
 * forms of our own code, types stripped: imports and exports begin a line, exports are declarations that are never
 * assigned to again, and no import leads in a circle. Throws for a form that it does not know, instead of guessing.
 */
export function linkModule(code: string, { imported, awaited, url }: Links): string {
  const names: string[] = [];
  const body = code
    .replace(IMPORT, (_, clause: string | undefined, specifier: string) => clause === undefined ? `${imported(specifier)};` : `${binding(clause)} = ${imported(specifier)};`)
    .replace(EXPORT, (_, declaration: string, name: string) => {
      names.push(name);
      return `${declaration} ${name}`;
    })
    .replace(DYNAMIC, (_, specifier: string) => awaited(specifier))
    .replaceAll('import.meta.url', JSON.stringify(url));
  const left = /^(?:import|export)\b.*|\bimport\.meta\b.*/m.exec(body);
  if (left !== null) throw new SyntaxError(`${url}: no bundle is made of ${JSON.stringify(left[0])}`);
  return `${body}\nreturn { ${names.join(', ')} };`;
}

/** `{ a, b as c }`, `* as space` and a default import, as the left side of an assignment. */
function binding(clause: string): string {
  const text = clause.trim();
  if (text.startsWith('{')) return `const ${text.replaceAll(/ as /g, ': ')}`;
  return `const ${text.replace(/^\* as /, '')}`;
}
