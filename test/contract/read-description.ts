import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { debianSources, GO_SOURCES } from '../../tools/test-run/debian-sources.ts';
import { root } from '../../tools/task/task.ts';
import { describe, type ApiDocument, type Description } from './description.ts';

const VERSION = '1.51';

/** The description of the API, from Debian's package of Docker's sources, or why it can't be had. */
export function readDescription(): Description | string {
  const sources = debianSources(root, 'golang-github-docker-docker-dev');
  if (sources.path === undefined) return sources.missing;
  const document = parse(readFileSync(join(sources.path, GO_SOURCES, 'github.com/docker/docker/api/swagger.yaml'), 'utf8')) as ApiDocument;
  return document.info.version === VERSION ? describe(document) : `Debian sid describes version ${document.info.version} by now, not ${VERSION}`;
}
