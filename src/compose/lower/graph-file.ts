import { dependenciesOf, serviceNames, serviceOf, type Project } from '../model/project.ts';
import { compareText } from '../value/go-text.ts';
import { imageName } from './names.ts';

export interface GraphOptions {
  readonly networks: boolean;
  readonly ports: boolean;
  readonly image: boolean;
  /** What a line is indented by. */
  readonly indent: string;
}

/** The services and what they depend on as a graph in the language of Graphviz, as `docker compose alpha viz` writes it; in the order of their names. */
export function graphFile(project: Project, options: GraphOptions): string {
  const names = serviceNames(project);
  const nodes = names.map((name) => `${options.indent}${quoted(name)} [style="filled" label=<<font point-size="15">${name}</font>${details(project, name, options)}>];`);
  const edges = names.flatMap((name) => [...dependenciesOf(serviceOf(project, name)).keys()].toSorted(compareText).map((other) => `${options.indent}${quoted(name)} -> ${quoted(other)};`));
  return [`digraph ${quoted(project.name)} {`, `${options.indent}layout=dot;`, ...nodes, '', ...edges, '}', '', ''].join('\n');
}

const quoted = (text: string): string => JSON.stringify(text);

function details(project: Project, name: string, { networks, ports, image }: GraphOptions): string {
  const service = serviceOf(project, name);
  const part = (title: string, lines: readonly string[]): string => (lines.length === 0 ? '' : `<font point-size="10"><br/><br/><b>${title}:</b>${lines.map((line) => `<br/>${line}`).join('')}</font>`);
  const published = (service.ports ?? []).map(({ host_ip = '', published: outside = '', target = 0, protocol = 'tcp', mode = 'ingress' }) => `${host_ip === '' ? '' : `${host_ip}:`}${outside}:${target} (${protocol}, ${mode})`);
  return [
    part('Networks', networks ? [...(service.networks ?? [])].map(([key]) => key).toSorted(compareText) : []), part('Ports', ports ? published : []), part('Image', image ? [imageName(project, name, service)] : []),
  ].join('');
}
