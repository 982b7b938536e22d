import type { CommandTable } from '#cli/command-spec.ts';
import { builtInCommands } from '#cli/commands.ts';

const bootstrap = { summary: 'Make a base image from the packages of a distribution', load: async () => (await import('./bootstrap/bootstrap-command.ts')).bootstrapCommand };

/** A group of the Docker grammar with commands of ours in it. */
function extended(group: string, own: CommandTable): CommandTable {
  const entry = builtInCommands[group];
  if (entry === undefined || !('children' in entry)) return {};
  return { [group]: { ...entry, children: { ...entry.children, ...own } } };
}

const cluster: CommandTable = {
  up: { summary: 'Turn the machine of the daemon into a cluster of one node', load: async () => (await import('./cluster/cluster-commands.ts')).clusterUp },
  down: { summary: 'End the pods and the cluster', load: async () => (await import('./cluster/cluster-commands.ts')).clusterDown },
  status: { summary: 'Show whether a cluster runs, and where', load: async () => (await import('./cluster/cluster-commands.ts')).clusterStatus },
  backup: { summary: 'Write all that a cluster knows to a file: objects, certificates and keys', load: async () => (await import('./cluster/backup-commands.ts')).clusterBackup },
  restore: { summary: 'Take what a backup holds as what the next cluster knows', load: async () => (await import('./cluster/backup-commands.ts')).clusterRestore },
  kubeconfig: { summary: 'Print a kubeconfig of the administrator', load: async () => (await import('./cluster/cluster-commands.ts')).clusterKubeconfig },
};

/** Commands of the product itself, beside those of the Docker grammar. */
export const ownCommands: CommandTable = {
  cluster: { summary: 'Run pods on the machine of the daemon, for kubectl', children: cluster },
  compose: { summary: 'Run applications that compose files describe', common: true, load: async () => (await import('./compose/compose-command.ts')).composeCommand },
  demo: { summary: 'Build a web server from the distribution, run it, and fetch its page', common: true, load: async () => (await import('./demo/demo-command.ts')).demoCommand },
  daemon: { summary: 'Run the engine in the foreground', load: async () => (await import('./daemon-command.ts')).daemonCommand },
  dockerd: { summary: 'Run the engine with the options and the daemon.json of dockerd', load: async () => (await import('./dockerd/dockerd-command.ts')).dockerdCommand },
  registry: {
    summary: 'Serve and look into registries',
    children: {
      serve: { summary: 'Serve a registry', load: async () => (await import('./registry/registry-commands.ts')).serveCommand },
      gc: { summary: 'Remove what no manifest of a registry refers to', load: async () => (await import('./registry/registry-commands.ts')).collectCommand },
      tags: { summary: 'List the tags of a repository', load: async () => (await import('./registry/registry-commands.ts')).tagsCommand },
    },
  },
  ...extended('image', { bootstrap }),
};
