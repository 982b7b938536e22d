/**
 * The npm packages that src/ may import, each with the places that may, as beginnings of paths below src/.
 * A new line needs a decision in docs/decisions: what it spares us, what it costs at run time, who keeps it.
 */
const packages: readonly { readonly name: string; readonly places: readonly string[] }[] = [
  { name: '@noble/hashes', places: ['main/compose/'] },
  { name: 'esbuild', places: ['main/bundle/'] },
  { name: 'yaml', places: ['compose/', 'cluster/api/', 'main/cluster/', 'container/host/edge/cdi-files.ts'] },
  { name: '@bufbuild/protobuf', places: ['cluster/kinds/', 'store/edge/etcd/'] },
  { name: '@bufbuild/re2', places: ['cluster/kinds/custom/'] },
  { name: '@marcbachmann/cel-js', places: ['cluster/kinds/custom/'] },
  { name: 'jose', places: ['main/cluster/'] },
  { name: 'ws', places: ['main/cluster/'] },
  { name: '@peculiar/x509', places: ['main/cluster/'] },
  { name: 'reflect-metadata', places: ['main/cluster/'] },
  { name: 'croner', places: ['cluster/kinds/cron-schedule.ts'] },
];

/** Nothing where the file may import the package, else the reason. */
export function packageFault(path: string, specifier: string): string | undefined {
  const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
  const known = packages.find((each) => each.name === name);
  if (known === undefined) return `imports the package ${name}: src/ has few dependencies; write the part that is needed, or decide for it in docs/decisions and tools/architecture/packages.ts`;
  if (known.places.some((place) => path.startsWith(`src/${place}`))) return undefined;
  return `imports the package ${name}, which only ${known.places.join(', ')} may: declare a port here, or add the place to tools/architecture/packages.ts`;
}
