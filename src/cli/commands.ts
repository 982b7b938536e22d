import type { CommandTable, LeafEntry } from './command-spec.ts';

const attach: LeafEntry = { summary: 'Attach our terminal to a running container', load: async () => (await import('./command/attach.ts')).attachCommand };
const build: LeafEntry = { summary: 'Build an image from a Dockerfile', load: async () => (await import('./command/build.ts')).buildCommand };
const commit: LeafEntry = { summary: "Make an image of a container's changes", load: async () => (await import('./command/commit.ts')).commitCommand };
const copy: LeafEntry = { summary: 'Copy files between a container and the local file system', load: async () => (await import('./command/cp.ts')).cpCommand };
const create: LeafEntry = { summary: 'Create a container without starting it', load: async () => (await import('./command/create.ts')).createCommand };
const diff: LeafEntry = { summary: 'Show what a container changed in its file system', load: async () => (await import('./command/diff.ts')).diffCommand };
const events: LeafEntry = { summary: "Watch the daemon's events", load: async () => (await import('./command/events.ts')).eventsCommand };
const exec: LeafEntry = { summary: 'Execute a command in a running container', load: async () => (await import('./command/exec.ts')).execCommand };
const exportContainer: LeafEntry = { summary: 'Write the file system of a container as a tar archive', load: async () => (await import('./command/export.ts')).exportCommand };
const info: LeafEntry = { summary: 'Show the state of the daemon and its machine', load: async () => (await import('./command/info.ts')).infoCommand };
const kill: LeafEntry = { summary: 'Kill running containers', load: async () => (await import('./command/kill.ts')).killCommand };
const logs: LeafEntry = { summary: 'Print what a container wrote', load: async () => (await import('./command/logs.ts')).logsCommand };
const pause: LeafEntry = { summary: 'Pause all processes of containers', load: async () => (await import('./command/pause.ts')).pauseCommand };
const ps: LeafEntry = { summary: 'List containers', load: async () => (await import('./command/ps.ts')).psCommand };
const rename: LeafEntry = { summary: 'Rename a container', load: async () => (await import('./command/rename.ts')).renameCommand };
const restart: LeafEntry = { summary: 'Restart containers', load: async () => (await import('./command/restart.ts')).restartCommand };
const rm: LeafEntry = { summary: 'Remove containers', load: async () => (await import('./command/rm.ts')).rmCommand };
const run: LeafEntry = { summary: 'Create a container of an image and run it', load: async () => (await import('./command/run.ts')).runCommand };
const start: LeafEntry = { summary: 'Start stopped containers', load: async () => (await import('./command/start.ts')).startCommand };
const stats: LeafEntry = { summary: 'Show what containers use', load: async () => (await import('./command/stats.ts')).statsCommand };
const stop: LeafEntry = { summary: 'Stop running containers', load: async () => (await import('./command/stop.ts')).stopCommand };
const top: LeafEntry = { summary: 'Show the processes of a container', load: async () => (await import('./command/top.ts')).topCommand };
const unpause: LeafEntry = { summary: 'Let paused containers run on', load: async () => (await import('./command/pause.ts')).unpauseCommand };
const why: LeafEntry = { summary: 'Tell why a container is as it is', load: async () => (await import('./command/why.ts')).whyCommand };
const wait: LeafEntry = { summary: 'Wait for containers to stop, then print their exit codes', load: async () => (await import('./command/wait.ts')).waitCommand };

const images: LeafEntry = { summary: 'List images', load: async () => (await import('./command/images.ts')).imagesCommand };
const importImage: LeafEntry = { summary: 'Make an image of the files in a tar archive', load: async () => (await import('./command/import.ts')).importCommand };
const load: LeafEntry = { summary: 'Load images from a tar archive or standard input', load: async () => (await import('./command/load.ts')).loadCommand };
const pull: LeafEntry = { summary: 'Download an image from a registry', load: async () => (await import('./command/pull.ts')).pullCommand };
const push: LeafEntry = { summary: 'Upload an image to a registry', load: async () => (await import('./command/push.ts')).pushCommand };
const rmi: LeafEntry = { summary: 'Remove images', load: async () => (await import('./command/rmi.ts')).rmiCommand };
const save: LeafEntry = { summary: 'Save images to a tar archive or standard output', load: async () => (await import('./command/save.ts')).saveCommand };
const tag: LeafEntry = { summary: 'Give an image another name', load: async () => (await import('./command/tag.ts')).tagCommand };

const inspectOf = (what: 'container' | 'image' | 'network' | 'volume'): LeafEntry => ({
  summary: `Show everything about ${what}s`,
  load: async () => (await import('./command/inspect.ts')).inspectCommandOf(what),
});
const pruneOf = (what: 'container' | 'image' | 'network' | 'volume'): LeafEntry => ({
  summary: `Remove unused ${what}s`,
  load: async () => (await import('./command/prune.ts')).pruneCommandOf(what),
});
const hidden = (entry: LeafEntry): LeafEntry => ({ ...entry, hidden: true });
const common = (entry: LeafEntry): LeafEntry => ({ ...entry, common: true });

const container: CommandTable = {
  attach, commit, cp: copy, create, diff, exec, export: exportContainer, inspect: inspectOf('container'), kill, logs, ls: ps, list: hidden(ps), ps: hidden(ps), pause,
  prune: pruneOf('container'), rename, restart, rm, remove: hidden(rm), run, start, stats, stop, top, unpause, wait, why,
};

const image: CommandTable = {
  build, import: importImage, inspect: inspectOf('image'), load, ls: images, list: hidden(images), prune: pruneOf('image'), pull, push, rm: rmi, remove: hidden(rmi),
  rmi: hidden(rmi), save, tag,
};

const networkFile = (name: 'create' | 'list' | 'remove' | 'connect' | 'disconnect', summary: string): LeafEntry => ({
  summary,
  load: async () => (await import('./command/network.ts')).networkCommands[name],
});
const network: CommandTable = {
  connect: networkFile('connect', 'Connect a container to a network'),
  create: networkFile('create', 'Create a network'),
  disconnect: networkFile('disconnect', 'Disconnect a container from a network'),
  inspect: inspectOf('network'),
  list: hidden(networkFile('list', 'List networks')),
  ls: networkFile('list', 'List networks'),
  prune: pruneOf('network'),
  remove: hidden(networkFile('remove', 'Remove networks')),
  rm: networkFile('remove', 'Remove networks'),
};

const volumeFile = (name: 'create' | 'list' | 'remove', summary: string): LeafEntry => ({
  summary,
  load: async () => (await import('./command/volume.ts')).volumeCommands[name],
});
const contentFile = (name: 'clone' | 'export' | 'import' | 'rename', summary: string): LeafEntry => ({
  summary,
  load: async () => (await import('./command/volume-content.ts')).volumeContentCommands[name],
});
const volume: CommandTable = {
  clone: contentFile('clone', 'Copy a volume under another name'),
  create: volumeFile('create', 'Create a volume'),
  export: contentFile('export', 'Write the files of a volume as a tar archive'),
  import: contentFile('import', 'Unpack a tar archive into a volume'),
  inspect: inspectOf('volume'),
  list: hidden(volumeFile('list', 'List volumes')),
  ls: volumeFile('list', 'List volumes'),
  prune: pruneOf('volume'),
  rename: contentFile('rename', 'Give a volume another name'),
  remove: hidden(volumeFile('remove', 'Remove volumes')),
  rm: volumeFile('remove', 'Remove volumes'),
};

const system: CommandTable = {
  df: { summary: 'Show the disk space in use', load: async () => (await import('./command/system-df.ts')).systemDfCommand },
  events,
  info,
  prune: { summary: 'Remove unused data', load: async () => (await import('./command/prune.ts')).systemPruneCommand },
};

/** Every command that is a client of the Docker API, in the order of the help. */
export const builtInCommands: CommandTable = {
  run: common(run),
  exec: common(exec),
  ps: common(ps),
  build: common(build),
  pull: common(pull),
  push: common(push),
  images: common(images),
  login: { summary: 'Log in to a registry', common: true, load: async () => (await import('./command/login.ts')).loginCommand },
  logout: { summary: 'Log out from a registry', common: true, load: async () => (await import('./command/logout.ts')).logoutCommand },
  search: { summary: 'Search a registry for images', load: async () => (await import('./command/search.ts')).searchCommand },
  version: { summary: 'Show the versions of client and daemon', common: true, load: async () => (await import('./command/version.ts')).versionCommand },
  info: common(info),
  container: { summary: 'Manage containers', children: container },
  image: { summary: 'Manage images', children: image },
  network: { summary: 'Manage networks', children: network },
  system: { summary: 'Manage the daemon', children: system },
  volume: { summary: 'Manage volumes', children: volume },
  attach, commit, cp: copy, create, diff, events, export: exportContainer, import: importImage, kill, load, logs, pause, rename, restart, rm, rmi, save, start, stats, stop, tag, top,
  unpause, wait, why,
  inspect: { summary: 'Show everything about containers, images, networks and volumes', load: async () => (await import('./command/inspect.ts')).inspectCommand },
  completion: { summary: 'Print a script for the completion of a shell', load: async () => (await import('./command/completion.ts')).completionCommand },
};
