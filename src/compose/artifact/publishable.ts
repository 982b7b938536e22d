import { serviceNames, serviceOf, type Project } from '../model/project.ts';

/** What others would see who get the project, or would miss. */
export interface Exposure {
  /** Why it can't be published; undefined where it can. */
  readonly refusal: string | undefined;
  /** Where variables would be told, by docker compose's words; empty where none are. */
  readonly variables: readonly string[];
  /** Directories of this machine that would be named. */
  readonly binds: readonly string[];
}

export function exposureOf(project: Project, includes: boolean): Exposure {
  const names = serviceNames(project);
  const built = names.filter((name) => {
    const { build, image = '' } = serviceOf(project, name);
    return build !== undefined && image === '';
  });
  const refusal = includes ? 'cannot publish compose file with local includes'
    : built.length > 0 ? `your Compose stack cannot be published as it only contains a build section for service(s):\n${built.map((name) => `- ${JSON.stringify(name)}`).join('\n')}` : undefined;
  const variables = names.flatMap((name) => {
    const { env_file = [], environment } = serviceOf(project, name);
    return [...(env_file.length > 0 ? [`service ${JSON.stringify(name)} has env_file declared.`] : []), ...((environment?.size ?? 0) > 0 ? [`service ${JSON.stringify(name)} has environment variable(s) declared.`] : [])];
  });
  const binds = names.flatMap((name) => (serviceOf(project, name).volumes ?? []).filter(({ type }) => type === 'bind').map(({ source = '', target = '' }) => `${name}: ${source}:${target}`));
  return { refusal, variables, binds };
}
