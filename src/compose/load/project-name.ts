import { GantryError } from '#base/error.ts';
import { substitute } from '../interpolate/template.ts';
import { lastPart } from '../value/posix-path.ts';
import { Places } from '../value/places.ts';
import { stringAt } from '../value/value.ts';
import { parseYaml } from '../yaml/parse-yaml.ts';
import type { ProjectSources } from './find-sources.ts';

export interface NameOptions {
  readonly sources: ProjectSources;
  readonly projectName: string;
  readonly interpolate: boolean;
  /** Whether a written name loses what no name may have. */
  readonly normalize: boolean;
}

/** Most files say no name, and need not be parsed for one. */
const MAY_NAME = /(?:^|[{,])\s*["']?name["']?\s*:/m;

/** What a name may consist of is what is left of a directory's name. */
export function normalizeName(name: string): string {
  return (name.toLowerCase().match(/[a-z0-9_-]/g) ?? []).join('').replace(/^[_-]+/, '');
}

/** From the flag, the environment, the last file that says one, or the directory. */
export function projectName({ sources, projectName: flag, interpolate, normalize }: NameOptions): string {
  const { environment, directory, files } = sources;
  const imposed = flag !== '' ? flag : environment.get('COMPOSE_PROJECT_NAME') ?? '';
  if (imposed !== '') {
    if (normalizeName(imposed) === imposed) return imposed;
    throw new GantryError('invalid', `invalid project name ${JSON.stringify(imposed)}: must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number`, { subject: 'project', hint: `try ${normalizeName(imposed) || 'another name'}` });
  }
  const written = files.filter(({ text }) => MAY_NAME.test(text)).flatMap(({ path, text }) => parseYaml(text, path, new Places()).flatMap(({ value }) => stringAt(value, 'name') ?? [])).filter((name) => name !== '').at(-1);
  if (written === undefined) return normalizeName(lastPart(directory));
  const name = interpolate ? substitute(written, { lookup: (variable) => environment.get(variable) }) : written;
  return normalize ? normalizeName(name) : name;
}
