import type { ComposeCommand } from './compose-command.ts';

export type ComposeEntry = CommandEntry | GroupEntry;

interface CommandEntry {
  readonly summary: string;
  readonly load: () => Promise<ComposeCommand>;
}

/** Words that stand before commands: `bridge convert`. */
interface GroupEntry {
  readonly summary: string;
  readonly children: ComposeCommands;
}

export type ComposeCommands = Readonly<Record<string, ComposeEntry>>;

const inContainer = () => import('./in-container.ts');
const listings = () => import('./listings.ts');
const lifecycle = () => import('./lifecycle.ts');
const streams = () => import('./streams.ts');
const builds = () => import('./build-commands.ts');
const ups = () => import('./up.ts');
const bridges = () => import('./bridge-transformations.ts');

/** Every command, loaded when it is called. */
export const composeCommands: ComposeCommands = {
  alpha: { summary: 'What docker compose has as experiments', children: {
    publish: { summary: 'The same as publish', load: async () => (await import('./publish.ts')).publishCommand },
    viz: { summary: 'Print services and their dependencies as a graph', load: async () => (await import('./viz.ts')).vizCommand },
  } },
  attach: { summary: 'Attach our terminal to a running container', load: async () => (await inContainer()).attachCommand },
  bridge: { summary: 'Convert the project to what other platforms run', children: {
    convert: { summary: 'Print the project as Kubernetes objects', load: async () => (await import('./bridge-convert.ts')).convertCommand },
    transformations: { summary: 'Images that convert to something else', children: {
      create: { summary: 'Make the sources of such an image', load: async () => (await bridges()).createTransformation },
      list: { summary: 'List those that are here', load: async () => (await bridges()).listTransformations },
      ls: { summary: 'The same as list', load: async () => (await bridges()).listTransformations },
    } },
  } },
  build: { summary: 'Build the images of services', load: async () => (await builds()).buildCommand },
  commit: { summary: "Make an image of a container's changes", load: async () => (await inContainer()).commitCommand },
  config: { summary: 'Print the compose files as one, in the long form', load: async () => (await import('./config.ts')).configCommand },
  convert: { summary: 'The same as config', load: async () => (await import('./config.ts')).configCommand },
  cp: { summary: 'Copy files between a container and the local file system', load: async () => (await inContainer()).cpCommand },
  create: { summary: 'Create containers, and start none', load: async () => (await ups()).createCommand },
  down: { summary: 'Stop and remove containers and networks', load: async () => (await import('./down.ts')).downCommand },
  events: { summary: 'Show events of containers as they happen', load: async () => (await streams()).eventsCommand },
  exec: { summary: 'Execute a command in a running container', load: async () => (await inContainer()).execCommand },
  export: { summary: "Write a container's file system as a tar archive", load: async () => (await inContainer()).exportCommand },
  images: { summary: 'List the images of created containers', load: async () => (await listings()).imagesCommand },
  kill: { summary: 'Kill the containers of services', load: async () => (await lifecycle()).killCommand },
  logs: { summary: 'Print what containers wrote', load: async () => (await streams()).logsCommand },
  ls: { summary: 'List projects', load: async () => (await listings()).lsCommand },
  pause: { summary: 'Pause services', load: async () => (await lifecycle()).pauseCommand },
  port: { summary: 'Print the address at which a port is published', load: async () => (await listings()).portCommand },
  ps: { summary: 'List containers', load: async () => (await listings()).psCommand },
  publish: { summary: 'Publish the application in a registry', load: async () => (await import('./publish.ts')).publishCommand },
  pull: { summary: 'Pull the images of services', load: async () => (await builds()).pullCommand },
  push: { summary: 'Push the images of services that are built', load: async () => (await builds()).pushCommand },
  restart: { summary: 'Restart services', load: async () => (await lifecycle()).restartCommand },
  rm: { summary: 'Remove stopped containers of services', load: async () => (await lifecycle()).rmCommand },
  run: { summary: 'Run a single command in a new container of a service', load: async () => (await import('./run.ts')).runCommand },
  scale: { summary: 'Set the number of containers of services', load: async () => (await ups()).scaleCommand },
  start: { summary: 'Start services whose containers are there', load: async () => (await lifecycle()).startCommand },
  stats: { summary: 'Show what containers use', load: async () => (await inContainer()).statsCommand },
  stop: { summary: 'Stop services', load: async () => (await lifecycle()).stopCommand },
  top: { summary: 'Show the processes of services', load: async () => (await listings()).topCommand },
  unpause: { summary: 'Let paused services run on', load: async () => (await lifecycle()).unpauseCommand },
  up: { summary: 'Create and start containers', load: async () => (await ups()).upCommand },
  version: { summary: 'Show the version', load: async () => (await listings()).versionCommand },
  volumes: { summary: 'List volumes', load: async () => (await listings()).volumesCommand },
  wait: { summary: 'Wait until a container of services stops, and end with its exit code', load: async () => (await streams()).waitCommand },
  watch: { summary: 'Watch files, and rebuild or refresh containers when they change', load: async () => (await import('./watch.ts')).watchCommand },
};
