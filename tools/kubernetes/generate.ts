import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { debianSources, GO_SOURCES } from '../test-run/debian-sources.ts';
import { NO_TAGS, readGoTags, type GoTags } from './read-go-tags.ts';
import { readProto } from './read-proto.ts';
import { schemaText, shortPackage } from './schema-text.ts';
import { unpackagedModules } from './unpackaged.ts';

const PACKAGES = ['golang-k8s-api-dev', 'golang-k8s-apimachinery-dev', 'golang-k8s-apiextensions-apiserver-dev'] as const;
/** Not served by anybody, or not ours to serve. */
const LEFT_OUT = /testapigroup|\/schema\/|custom_metrics|external_metrics|apiextensions\/v1beta1|meta\/v1beta1/;

export interface SchemaModule {
  /** `core-v1` */
  readonly name: string;
  readonly text: string;
}

/** Upstream's messages as the schema modules of src/cluster/kinds/schema, from the packages' `generated.proto` and `types.go`. */
export function schemaModules(root: string): SchemaModule[] {
  return [...unpackagedModules, ...sourceFolders(root).flatMap((folder) => globSync('**/generated.proto', { cwd: folder }).sort().filter((path) => !LEFT_OUT.test(`/${path}`)).map((path) => {
    const file = readProto(readFileSync(join(folder, path), 'utf8'));
    return { name: shortPackage(file.package).replace('.', '-'), text: schemaText(file, tagsBeside(join(folder, path))) };
  }))];
}

/** Where upstream's sources lie, a folder for each package. */
export function sourceFolders(root: string): string[] {
  return PACKAGES.map((name) => {
    const sources = debianSources(root, name);
    if (sources.missing !== false) throw new Error(sources.missing);
    return join(sources.path, GO_SOURCES);
  });
}

function tagsBeside(proto: string): GoTags {
  // Most packages have one such file; the schemas of custom kinds stand in one of their own.
  const texts = globSync('types*.go', { cwd: dirname(proto) }).sort().map((name) => readFileSync(join(dirname(proto), name), 'utf8'));
  return texts.length === 0 ? NO_TAGS : readGoTags(texts.join('\n'));
}

const identifierOf = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

export function renderModule({ name, text }: SchemaModule): string {
  return `// Made by ./gantry dev kinds. Facts of upstream's API, in the form that ../schema-text.ts reads.\nexport const ${identifierOf(name)} = \`\n${text}\n\`;\n`;
}

/** The module that names them all. */
function renderIndex(modules: readonly SchemaModule[]): string {
  const names = modules.map(({ name }) => name).sort();
  return [
    '// Made by ./gantry dev kinds.',
    ...names.map((name) => `import { ${identifierOf(name)} } from './schema/${name}.ts';`),
    '',
    "/** Every package of upstream's API, as `core.v1`, with its messages as text. */",
    'export const schemaPackages: Readonly<Record<string, string>> = {',
    ...names.map((name) => `  '${name.replace('-', '.')}': ${identifierOf(name)},`),
    '};',
    '',
  ].join('\n');
}

/** @returns the names of the modules whose text changed */
export function writeModules(root: string, modules: readonly SchemaModule[]): string[] {
  const folder = join(root, 'src/cluster/kinds');
  mkdirSync(join(folder, 'schema'), { recursive: true });
  const files = [...modules.map((module) => [`schema/${module.name}`, renderModule(module)] as const), ['schema-packages', renderIndex(modules)] as const];
  return files.filter(([name, text]) => {
    const path = join(folder, `${name}.ts`);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) return false;
    writeFileSync(path, text);
    return true;
  }).map(([name]) => name);
}
