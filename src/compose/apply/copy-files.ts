import { pathPart, type DockerApi } from '../plan/docker-api.ts';
import { tarOf, type TarFile } from './tar-files.ts';

/** Puts files into a container, running or not. Directories that are missing on their way are made, by the daemon: the image needs no program for it. */
export async function copyFiles(api: DockerApi, container: string, files: readonly TarFile[]): Promise<void> {
  const stream = async function* (): AsyncGenerator<Uint8Array> { yield tarOf(files); };
  await api.text('PUT', `/containers/${pathPart(container)}/archive`, { query: { path: '/', noOverwriteDirNonDir: true, copyUIDGID: true }, stream: stream(), headers: { 'Content-Type': 'application/x-tar' } });
}
