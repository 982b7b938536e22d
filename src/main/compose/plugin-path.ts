import { accessSync, constants } from 'node:fs';

/** Where Docker's command line looks for its plugins, after the directory of its settings. */
const PLUGINS = ['/usr/local/lib/docker/cli-plugins', '/usr/local/libexec/docker/cli-plugins', '/usr/lib/docker/cli-plugins', '/usr/libexec/docker/cli-plugins'];

/** The program of a plugin of Docker's command line, `buildx`. It runs without the docker command. */
export function findPlugin(configDirectory: string, name: string): string | undefined {
  return [`${configDirectory}/cli-plugins`, ...PLUGINS].map((directory) => `${directory}/docker-${name}`).find(isProgram);
}

/** A program by its path, or by its name in the directories of PATH. */
export function findProgram(name: string, path: string): string | undefined {
  const places = name.includes('/') ? [name] : path.split(':').filter((directory) => directory !== '').map((directory) => `${directory}/${name}`);
  return places.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
