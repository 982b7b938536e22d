import { compareText } from '../value/go-text.ts';
import { problem, type ComposeProblem, type Path } from '../value/places.ts';
import { dependenciesOf, scaleOf, type Project } from './project.ts';
import type { Service } from './service-kind.ts';

/** What parts of a project say about each other and can't all be true. Throws the first such problem. */
export function checkConsistency(project: Project): void {
  for (const [name, service] of [...project.services].sort(([a], [b]) => compareText(a, b))) {
    const problems = [...checks].flatMap((check) => check(service, ['services', name], project));
    if (problems[0] !== undefined) throw problems[0];
  }
  for (const [name, secret] of project.secrets) {
    if (secret.external !== true && (secret.file ?? '') === '' && (secret.environment ?? '') === '') {
      throw problem(['secrets', name], `secret "${name}" must declare either \`file\` or \`environment\``, 'a variable that is not set makes an empty text');
    }
  }
  checkCycles(project);
}

type Check = (service: Service, path: Path, project: Project) => ComposeProblem[];

const when = (bad: boolean, path: Path, what: string, hint?: string): ComposeProblem[] => (bad ? [problem(path, what, hint)] : []);
const nameOf = (path: Path): string => path[1] as string;

const hasImage: Check = ({ build, image = '', provider }, path) =>
  when(build === undefined && image === '' && provider === undefined, path, `service "${nameOf(path)}" has neither an image nor a build context specified`, 'add image: NAME, or build: DIRECTORY');

const buildable: Check = ({ build, platform = '' }, path, project) => {
  if (build === undefined) return [];
  const at = [...path, 'build'];
  const contexts = [...(build.additional_contexts ?? [])].filter(([, context]) => context.startsWith('service:'));
  return [
    ...when((build.dockerfile_inline ?? '') !== '' && (build.dockerfile ?? '') !== '', at, `service "${nameOf(path)}" declares mutualy exclusive dockerfile and dockerfile_inline`, 'keep one of them'),
    ...contexts.flatMap(([added, context]) => {
      const target = context.slice('service:'.length);
      const other = project.services.get(target);
      const what = other === undefined ? 'unknown' : 'non-buildable';
      return when(other?.build === undefined, [...at, 'additional_contexts', added], `service "${nameOf(path)}" declares ${what} service "${target}" as additional contexts ${added}`);
    }),
    ...when((build.platforms ?? []).length > 0 && platform !== '' && build.platforms?.includes(platform) === false, at, `service.build.platforms MUST include service.platform "${platform}"`, `add ${platform} to build.platforms`),
    ...(build.secrets ?? []).flatMap(({ source = '' }, index) => when(!project.secrets.has(source), [...at, 'secrets', String(index)], `service "${nameOf(path)}" refers to undefined build secret ${source}`, 'declare it under secrets at the top of the file')),
  ];
};

const connected: Check = ({ network_mode = '', networks }, path, project) => [
  ...when(network_mode !== '' && (networks?.size ?? 0) > 0, [...path, 'network_mode'], `service ${nameOf(path)} declares mutually exclusive \`network_mode\` and \`networks\``, 'keep one of them'),
  ...[...(networks ?? new Map()).keys()].flatMap((network) => when(!project.networks.has(network), [...path, 'networks', network], `service "${nameOf(path)}" refers to undefined network ${network}`, `declare it under networks at the top of the file${known(project.networks)}`)),
  ...when(network_mode.startsWith('service:') && !project.services.has(network_mode.slice('service:'.length)), [...path, 'network_mode'], `service "${network_mode.slice('service:'.length)}" not found for network_mode '${network_mode}'`),
];

const known = (declared: ReadonlyMap<string, unknown>): string => (declared.size === 0 ? '' : `; declared are ${[...declared.keys()].join(', ')}`);

const healthy: Check = ({ healthcheck }, path) => {
  const [first] = healthcheck?.test ?? [];
  return when(first !== undefined && !['CMD', 'CMD-SHELL', 'NONE'].includes(first), [...path, 'healthcheck', 'test'], 'healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE"', 'a text instead of a list is run by a shell');
};

const dependent: Check = (service, path, project) => [...dependenciesOf(service)].flatMap(([other, { required }]) => {
  const excused = project.disabled.has(other) && required !== true;
  return when(!project.services.has(other) && !excused, [...path, 'depends_on', other], `service "${nameOf(path)}" depends on undefined service "${other}"`, project.disabled.has(other) ? 'its profiles are not active: activate one with --profile, or write required: false' : undefined);
});

const mounted: Check = ({ volumes = [], configs = [], secrets = [], models, tmpfs = [] }, path, project) => {
  const name = nameOf(path);
  const targets = new Map<string, string>();
  const twice = (target: string, place: Path): ComposeProblem[] => {
    const label = `${place.slice(0, -1).join('.')}[${place.at(-1)}]`;
    const before = targets.get(target);
    targets.set(target, label);
    return when(before !== undefined, place, `target ${target} already mounted as ${before}`, 'mount each target once');
  };
  return [
    ...volumes.flatMap(({ type, source = '' }, index) => when(type === 'volume' && source !== '' && !project.volumes.has(source), [...path, 'volumes', String(index)], `service "${name}" refers to undefined volume ${source}`, `declare it under volumes at the top of the file, or write ./${source} for a directory`)),
    ...configs.flatMap(({ source = '' }, index) => when(!project.configs.has(source), [...path, 'configs', String(index)], `service "${name}" refers to undefined config ${source}`, `declare it under configs at the top of the file${known(project.configs)}`)),
    ...[...(models ?? new Map()).keys()].flatMap((model) => when(!project.models.has(model), [...path, 'models', model], `service "${name}" refers to undefined model ${model}`)),
    ...secrets.flatMap(({ source = '' }, index) => when(!project.secrets.has(source), [...path, 'secrets', String(index)], `service "${name}" refers to undefined secret ${source}`, `declare it under secrets at the top of the file${known(project.secrets)}`)),
    ...tmpfs.flatMap((entry, index) => twice(entry.split(':')[0] as string, [...path, 'tmpfs', String(index)])),
    ...volumes.flatMap(({ target = '' }, index) => twice(target, [...path, 'volumes', String(index)])),
  ];
};

const scaled: Check = (service, path) => {
  const { scale, deploy, container_name = '' } = service;
  const replicas = deploy?.replicas;
  const by = scale === undefined ? 'deploy.replicas' : 'scale';
  return [
    ...when(scale !== undefined && replicas !== undefined && scale !== replicas, path, "can't set distinct values on 'scale' and 'deploy.replicas'", 'keep one of them'),
    ...when((scale ?? 0) < 0, [...path, 'scale'], 'must be greater than or equal to 0'),
    ...when((replicas ?? 0) < 0, [...path, 'deploy', 'replicas'], 'must be greater than or equal to 0'),
    ...when(scaleOf(service) > 1 && container_name !== '', path, `can't set container_name and ${by} as container name must be unique`, 'remove container_name: containers are numbered'),
  ];
};

const limited: Check = (service, path) => {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const distinct = (own: number | undefined, other: { readonly [key: string]: unknown } | undefined, key: string, names: string): ComposeProblem[] =>
    when((own ?? 0) !== 0 && other !== undefined && (other[key] ?? 0) !== own, path, `can't set distinct values on ${names}`, 'keep one of them');
  return [
    ...distinct(service.cpus, limits, 'cpus', "'cpus' and 'deploy.resources.limits.cpus'"),
    ...distinct(service.mem_limit, limits, 'memory', "'mem_limit' and 'deploy.resources.limits.memory'"),
    ...distinct(service.mem_reservation, reservations, 'memory', "'mem_reservation' and 'deploy.resources.reservations.memory'"),
    ...distinct(service.pids_limit, limits, 'pids', "'pids_limit' and 'deploy.resources.limits.pids'"),
  ];
};

const watched: Check = ({ develop }, path) => (develop?.watch ?? []).flatMap(({ action, target = '' }, index) =>
  when(target === '' && action !== 'rebuild' && action !== 'restart', [...path, 'develop', 'watch', String(index)], 'target is required for non-rebuild actions', 'add target: the path in the container'));

const checks: readonly Check[] = [hasImage, buildable, connected, healthy, dependent, mounted, scaled, limited, watched];

function checkCycles(project: Project): void {
  const done = new Set<string>();
  const walk = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name);
    if (start !== -1) throw problem(['services', name, 'depends_on'], `dependency cycle detected: ${[...trail.slice(start), name].join(' -> ')}`, 'one of these services must start without the other');
    if (done.has(name)) return;
    for (const next of [...dependenciesOf(project.services.get(name) ?? {}).keys()].sort(compareText)) if (project.services.has(next)) walk(next, [...trail, name]);
    done.add(name);
  };
  for (const name of [...project.services.keys()].sort(compareText)) walk(name, []);
}

/** Two services can't have one container name. */
export function checkContainerNames(project: Project): void {
  const names = new Map<string, string>();
  for (const [service, { container_name = '' }] of project.services) {
    const other = names.get(container_name);
    if (container_name !== '' && other !== undefined) {
      throw problem(['services', service, 'container_name'], `container name "${container_name}" is already in use by service ${other}`, 'choose another name, or leave it out');
    }
    names.set(container_name, service);
  }
}
