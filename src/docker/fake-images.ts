import { GantryError } from '#base/error.ts';
import type { ImagesPort, LoadedImage } from '#container/engine/port.ts';
import type { ImageId } from '#container/model/ids.ts';
import type { Image } from '#container/model/image.ts';
import type { Digest } from '#image/oci/digest.ts';
import type { FakeAsked } from './fake-asked.ts';

const CREATED_NS = '1795471946316466636';

export function fakeImage(reference: string, config: Record<string, unknown> = { Cmd: ['sh'] }, id = 'de', architecture = 'amd64'): Image {
  const configJson = JSON.stringify({ architecture, os: 'linux', created: '2026-11-23T22:06:25.629549712Z', config, rootfs: { type: 'layers', diff_ids: ['sha256:29db'] }, history: [{ created: '2026-11-23T22:06:25.629549712Z', comment: 'Imported from -' }] });
  return {
    id: `sha256:${id.padEnd(64, '0')}` as ImageId, configJson, diffIds: ['sha256:29db'], chainIds: ['sha256:29db'], layerSizes: [1982447], layerTarSizes: [1990000],
    tags: [reference.includes('/') ? reference : `docker.io/library/${reference}`], digests: [], createdNs: CREATED_NS, comment: 'Imported from -',
  };
}

/** Images in memory, for tests of this front. */
export function fakeImages(rows: Image[], asked: FakeAsked): ImagesPort {
  const find = (reference: string): Image => {
    const named = reference.includes(':') ? reference : `${reference}:latest`;
    const image = rows.find(({ id, tags }) => id.startsWith(reference) || id.slice(7).startsWith(reference) || tags.some((tag) => tag === named || tag === `docker.io/library/${named}`));
    if (image === undefined) throw new GantryError('not-found', `No such image: ${named}`);
    return image;
  };
  return {
    dropUnfinished: async (which) => {
      asked.dropped = which;
      return 77;
    },
    list: () => rows,
    find: (reference) => find(reference),
    importTar: async (request) => {
      asked.import = request;
      let bytes = 0;
      for await (const piece of request.body) bytes += piece.length;
      asked.importBytes = bytes;
      const image = fakeImage(request.reference ?? 'imported:1', {}, 'abc');
      rows.push(image);
      return image.id;
    },
    load: async (body, progress): Promise<readonly LoadedImage[]> => {
      for await (const piece of body) progress({ id: 'layer', status: 'Loading layer', current: piece.length, total: piece.length });
      return [{ id: fakeImage('x').id, tags: ['docker.io/library/loaded:1'] }];
    },
    save: (references) => {
      const found = references.map((reference) => find(reference));
      return (async function* () {
        for (const image of found) yield new TextEncoder().encode(image.id);
      })();
    },
    pull: async ({ reference, allTags, credentials }, progress) => {
      asked.pull = { reference, allTags, credentials };
      progress({ kind: 'message', text: 'Pulling from library/x', id: '1' });
      progress({ kind: 'layer', id: 'aaaa', status: 'Downloading', current: 32_768, total: 3_001_268 });
      progress({ kind: 'layer', id: 'aaaa', status: 'Pull complete' });
      return { id: fakeImage('x').id, digest: `sha256:${'d'.repeat(64)}` as Digest, isNew: true };
    },
    push: async ({ repository, tag, credentials }, progress) => {
      asked.push = { repository, tag, credentials };
      progress({ kind: 'message', text: `The push refers to repository [docker.io/library/${repository}]` });
      if (tag === 'none') throw new GantryError('not-found', `tag does not exist: ${repository}:none`);
      progress({ kind: 'pushed', tag: tag ?? 'latest', digest: `sha256:${'d'.repeat(64)}` as Digest, size: 527 });
    },
    inspectRemote: async () => ({
      descriptor: { mediaType: 'application/vnd.oci.image.index.v1+json', digest: `sha256:${'d'.repeat(64)}` as Digest, size: 5 }, platforms: [{ os: 'linux', architecture: 'amd64' }],
    }),
    login: async (server, credentials) => {
      if (credentials.kind !== 'password' || credentials.password !== 'right') throw new GantryError('unauthorized', `login attempt to ${server} failed with status: 401 Unauthorized`);
      return { identityToken: 'refresh' };
    },
    tag: async (reference, target) => {
      const image = find(reference);
      rows[rows.indexOf(image)] = { ...image, tags: [...image.tags, `docker.io/library/${target}`] };
    },
    remove: async (reference) => {
      const image = find(reference);
      rows.splice(rows.indexOf(image), 1);
      return { untagged: image.tags, deleted: [image.id] };
    },
    commit: async (request) => {
      asked.commit = request;
      return fakeImage('c', {}, 'cc').id;
    },
  };
}
