import { randomBytes } from 'node:crypto';
import { SmallHasher } from './small-hasher.ts';
import { atLeast } from '#cli/grammar/arity.ts';
import { boolFlag, listFlag, stringFlag } from '#cli/grammar/flag.ts';
import type { ParsedArgs } from '#cli/grammar/parsed-args.ts';
import { interact } from '#cli/http/interactive.ts';
import { followTerminalSize } from '#cli/http/resize.ts';
import { openProject } from '#compose/load/open-project.ts';
import { containerName, imageName } from '#compose/lower/names.ts';
import { lowerService } from '#compose/lower/lower-service.ts';
import { serviceHash } from '#compose/model/service-hash.ts';
import { dependenciesOf, serviceOf, type Project } from '#compose/model/project.ts';
import { withoutServices } from '#compose/model/select.ts';
import type { Service } from '#compose/model/service-kind.ts';
import { textMap, variables } from '#compose/model/basic-kinds.ts';
import { splitWords } from '#compose/model/words.ts';
import { expandPortSpec } from '#compose/load/port-spec.ts';
import { expandVolumeSpec } from '#compose/load/volume-spec.ts';
import { portKind, volumeMountKind } from '#compose/model/service-kind.ts';
import { imageId } from '#compose/plan/observe.ts';
import { label } from '#compose/value/labels.ts';
import { resolvePath } from '#compose/value/posix-path.ts';
import type { ComposeCommand } from './compose-command.ts';
import { openOptions, selectProject, type ComposeContext } from './compose-context.ts';
import { bringUpWith, plainUp, provide } from './bring-up.ts';

export const runCommand: ComposeCommand = {
  summary: 'Run a single command in a new container of a service',
  operands: '[OPTIONS] SERVICE [COMMAND] [ARG...]',
  flags: [
    boolFlag('build', '', 'Build the image first'), listFlag('cap-add', '', 'Give a right'), listFlag('cap-drop', '', 'Take a right'), boolFlag('detach', 'd', 'Leave the container running in the background'),
    stringFlag('entrypoint', '', 'Program in place of the entrypoint'), listFlag('env', 'e', 'Variable: NAME=VALUE'), listFlag('env-from-file', '', 'File with variables', { completes: 'file' }), boolFlag('interactive', 'i', 'Give it our input', true),
    listFlag('label', 'l', 'Label'), stringFlag('name', '', 'Name of the container'), boolFlag('no-TTY', 'T', 'Do not give it a terminal'), boolFlag('no-deps', '', 'Start nothing that the service depends on'),
    listFlag('publish', 'p', 'Publish a port'), stringFlag('pull', '', 'When to pull: always, missing, never', { fallback: 'policy' }), boolFlag('quiet', 'q', 'Print nothing of our own'), boolFlag('quiet-build', '', 'Build without output'), boolFlag('quiet-pull', '', 'Pull without progress'),
    boolFlag('remove-orphans', '', 'Remove containers whose service is not in the compose file'), boolFlag('rm', '', 'Remove the container when it ends'), boolFlag('service-ports', 'P', "Publish the service's ports"),
    boolFlag('tty', 't', 'Give it a terminal', true), boolFlag('use-aliases', '', "Give it the service's names in its networks"), stringFlag('user', 'u', 'Run it as this user'), listFlag('volume', 'v', 'Mount'), stringFlag('workdir', 'w', 'Directory to run it in'),
  ],
  arity: atLeast(1),
  stopAtOperand: true,
  run: async (context, args) => {
    const name = args.operand(0);
    const asked = selectProject(openProject(openOptions(context)), context, { services: [name], related: args.bool('no-deps') ? 'none' : 'dependencies' });
    const { code: provided, project } = await provide(context, asked);
    if (provided !== 0) return provided;
    const service = serviceOf(project, name);
    const others = withoutServices(project, [name]);
    const images = { build: args.bool('build'), noBuild: false, pull: args.string('pull') };
    // The service's own image, and those of what it needs; nothing of the service itself is started.
    const code = await prepare(context, project, others, dependenciesOf(service).size > 0 && !args.bool('no-deps'), name, images, args);
    if (code !== 0 || context.dryRun) return code;
    return runOnce(context, project, name, service, args);
  },
};

async function prepare(context: ComposeContext, project: Project, others: Project, dependencies: boolean, name: string, images: Parameters<typeof bringUpWith>[2], args: ParsedArgs): Promise<number> {
  const options = { ...plainUp(context), ignoreOrphans: true, removeOrphans: args.bool('remove-orphans') };
  if (dependencies) {
    const up = await bringUpWith(context, { ...others, networks: project.networks, volumes: project.volumes }, { ...images, build: false }, { ...options, wait: false }, args.bool('quiet-build'));
    if (up !== 0) return up;
  }
  // With a scale of none the plan has what the service stands on, and no container.
  const alone = { ...project, services: new Map([[name, { ...serviceOf(project, name), scale: 0, depends_on: new Map(), container_name: '' }]]), disabled: new Map([...project.disabled, ...others.services]) };
  return bringUpWith(context, alone, images, { ...options, keepSurplus: true }, args.bool('quiet-build'));
}

async function runOnce(context: ComposeContext, project: Project, name: string, given: Service, args: ParsedArgs): Promise<number> {
  const client = await context.cli.client();
  const { stdin, stdout, stderr } = context.cli.io;
  const detached = args.bool('detach');
  const terminal = !args.bool('no-TTY') && args.bool('tty') && stdin.isTTY === true && stdout.isTTY === true && !detached;
  const input = args.bool('interactive') && !detached;
  const slug = randomBytes(6).toString('hex');
  const service: Service = { ...overridden(given, args, context), tty: terminal, stdin_open: input };
  const container = args.string('name') || `${project.name}-${name}-run-${slug}`;
  const containerOf = (other: string): string => containerName(project.name, other, project.services.get(other) ?? {}, 1);
  const hasher = new SmallHasher();
  const request = lowerService(project, {
    service: name, config: service, number: 1, name: container, hash: serviceHash(service, hasher), imageId: await imageId(client, imageName(project, name, service)) ?? '', oneOff: true, inherited: [], containerOf,
  });
  const body = {
    ...request, AttachStdin: input, StdinOnce: input, Labels: { ...request.Labels, [label.slug]: slug, [label.oneOff]: 'True' },
    HostConfig: { ...request.HostConfig, AutoRemove: args.bool('rm') && detached },
    ...(args.bool('use-aliases') || request.NetworkingConfig === undefined ? {} : { NetworkingConfig: { EndpointsConfig: Object.fromEntries(Object.entries(request.NetworkingConfig.EndpointsConfig).map(([key, endpoint]) => [key, { ...endpoint, Aliases: [container] }])) } }),
  };
  const { Id } = await client.json<{ readonly Id: string }>('POST', '/containers/create', { query: { name: container }, json: body });
  if (detached) {
    await client.text('POST', `/containers/${Id}/start`);
    context.cli.out(`${container}\n`);
    return 0;
  }
  try {
    const hijacked = await client.hijack(`/containers/${Id}/attach`, { query: { stream: true, stdin: input, stdout: true, stderr: true } });
    const ended = client.json<{ readonly StatusCode: number }>('POST', `/containers/${Id}/wait`, { query: { condition: 'next-exit' } });
    await client.text('POST', `/containers/${Id}/start`);
    const stopResizing = terminal ? followTerminalSize(client, `/containers/${Id}/resize`, stdout) : undefined;
    const streams = interact(hijacked, { tty: terminal, stdin: input ? stdin : undefined, stdout, stderr, detachKeys: '' });
    const { StatusCode } = await ended;
    await Promise.race([streams, new Promise((resolve) => setTimeout(resolve, 1000))]);
    stopResizing?.();
    return StatusCode;
  } finally {
    if (args.bool('rm')) await client.text('DELETE', `/containers/${Id}`, { query: { force: true, v: true } });
  }
}

/** The service with what the flags say instead. Its ports are published by no one but the service, unless that is asked for. */
function overridden(service: Service, args: ParsedArgs, context: ComposeContext): Service {
  const [, ...command] = args.operands;
  const env = new Map([...(service.environment ?? []), ...variables.read([...args.list('env')], [])].map(([key, value]) => [key, value ?? context.cli.io.env[key] ?? null]));
  const published = args.list('publish').flatMap((spec) => expandPortSpec(spec, ['publish'])).map((port) => portKind.read(port, ['publish']));
  const mounts = args.list('volume').map((spec) => volumeMountKind.read(expandVolumeSpec(spec, ['volume']), ['volume'])).map((mount) => (mount.type === 'bind' ? { ...mount, source: resolvePath(process.cwd(), mount.source ?? '') } : mount));
  const { container_name: _name, restart: _restart, ports, ...rest } = service;
  return {
    ...rest, scale: 1, environment: env,
    ports: [...(args.bool('service-ports') ? ports ?? [] : []), ...published],
    volumes: [...(service.volumes ?? []), ...mounts],
    labels: new Map([...(service.labels ?? []), ...textMap.read([...args.list('label')], [])]),
    cap_add: [...(service.cap_add ?? []), ...args.list('cap-add')], cap_drop: [...(service.cap_drop ?? []), ...args.list('cap-drop')],
    ...(command.length > 0 ? { command } : {}), ...(args.changed('entrypoint') ? { entrypoint: splitWords(args.string('entrypoint')), ...(command.length > 0 ? {} : { command: [] }) } : {}),
    ...(args.changed('user') ? { user: args.string('user') } : {}), ...(args.changed('workdir') ? { working_dir: args.string('workdir') } : {}),
  };
}
