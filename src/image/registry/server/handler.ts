import type { Hasher } from '#base/hasher.ts';
import { digestOfHex, isDigest, type Digest } from '#image/oci/digest.ts';
import { MEDIA_TYPE } from '#image/oci/media-type.ts';
import { isWritable, type AccessControl, type Action } from './access.ts';
import type { RegistryContent, WritableContent } from './content.ts';
import { emptyReply, jsonReply, type RegistryReply, type RegistryRequest } from './exchange.ts';
import { Fault, replyOfError } from './fault.ts';
import { readManifest } from './pushed-manifest.ts';
import { parseChunkRange, parseRange } from './range.ts';
import { checkName, parseRoute, type Route } from './route.ts';

export interface RegistryPorts {
  readonly content: RegistryContent | WritableContent;
  readonly access: AccessControl;
  readonly hasher: Hasher;
  /** For what is no refusal but a failure. */
  readonly log: (line: string) => void;
}

const TAG = /^\w[\w.-]{0,127}$/;
const MAX_PAGE = 1000;
const HEADERS = { 'Docker-Distribution-Api-Version': 'registry/2.0', 'X-Content-Type-Options': 'nosniff' };

/** A registry's side of the OCI distribution spec 1.1. */
export class RegistryHandler {
  readonly #ports: RegistryPorts;

  constructor(ports: RegistryPorts) {
    this.#ports = ports;
  }

  /** Throws nothing. */
  async handle(request: RegistryRequest): Promise<RegistryReply> {
    const reply = await this.#answer(request).catch((thrown: unknown) => {
      const failed = replyOfError(thrown);
      if (failed.status === 500) this.#ports.log(`${request.method} ${request.path}: ${thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown)}`);
      return failed;
    });
    const { body: _, ...head } = reply;
    return { ...(request.method === 'HEAD' ? head : reply), headers: { ...HEADERS, ...reply.headers } };
  }

  async #answer(request: RegistryRequest): Promise<RegistryReply> {
    const route = parseRoute(request.path);
    if (route === undefined) throw new Fault('NAME_UNKNOWN', 'there is nothing of the kind here');
    const { access } = this.#ports;
    const denied = await access.check(request, 'repository' in route ? { repository: route.repository, action: actionOf(request.method) } : undefined);
    if (denied !== undefined) return denied;
    if (route.kind === 'upload' || route.kind === 'uploads') return this.#uploads(request, route, this.#writable());
    if (request.method === 'GET' || request.method === 'HEAD') return this.#read(request, route);
    const content = this.#writable();
    if (route.kind === 'manifest' && request.method === 'PUT') return this.#putManifest(request, route.repository, route.reference, content);
    if (route.kind === 'manifest' && request.method === 'DELETE') return this.#deleteManifest(route.repository, route.reference, content);
    if (route.kind === 'blob' && request.method === 'DELETE') {
      if (await content.removeBlob(route.repository, asDigest(route.digest))) return emptyReply(202);
      throw new Fault('BLOB_UNKNOWN', 'blob unknown to registry');
    }
    throw new Fault('UNSUPPORTED', `${request.method} is not for this`);
  }

  async #read(request: RegistryRequest, route: Route): Promise<RegistryReply> {
    switch (route.kind) {
      case 'base': return jsonReply(200, {});
      case 'catalog': return this.#catalog(request);
      case 'tags': return this.#tags(request, route.repository);
      case 'manifest': return this.#manifest(route.repository, route.reference);
      case 'blob': return this.#blob(request, route.repository, asDigest(route.digest));
      case 'referrers': return this.#referrers(request, route.repository, asDigest(route.digest));
      default: throw new Fault('UNSUPPORTED', `${request.method} is not for this`);
    }
  }

  async #manifest(repository: string, reference: string): Promise<RegistryReply> {
    const isTag = TAG.test(reference);
    const found = isTag || isDigest(reference) ? await this.#ports.content.manifest(repository, reference) : undefined;
    if (found === undefined) {
      if (!isTag) asDigest(reference);
      throw new Fault('MANIFEST_UNKNOWN', `manifest unknown: ${reference}`);
    }
    const { bytes, mediaType, digest } = found;
    return { status: 200, headers: { 'Content-Type': mediaType, 'Content-Length': String(bytes.length), 'Docker-Content-Digest': digest, ETag: `"${digest}"` }, body: bytes };
  }

  async #blob(request: RegistryRequest, repository: string, digest: Digest): Promise<RegistryReply> {
    const { content } = this.#ports;
    const size = await content.blobSize(repository, digest);
    if (size === undefined) throw new Fault('BLOB_UNKNOWN', 'blob unknown to registry');
    const headers = { 'Content-Type': 'application/octet-stream', 'Docker-Content-Digest': digest, ETag: `"${digest}"`, 'Accept-Ranges': 'bytes', 'Cache-Control': 'max-age=31536000' };
    const range = parseRange(request.header('range'), size);
    if (range.kind === 'outside') throw new Fault('RANGE_INVALID', `the blob has ${size} bytes`, { 'Content-Range': `bytes */${size}` });
    if (range.kind === 'whole') return { status: 200, headers: { ...headers, 'Content-Length': String(size) }, body: content.blob(repository, digest) };
    const { offset, length } = range;
    return {
      status: 206, headers: { ...headers, 'Content-Length': String(length), 'Content-Range': `bytes ${offset}-${offset + length - 1}/${size}` }, body: content.blob(repository, digest, { offset, length }),
    };
  }

  async #tags(request: RegistryRequest, repository: string): Promise<RegistryReply> {
    const { content } = this.#ports;
    if (!await content.hasRepository(repository)) throw new Fault('NAME_UNKNOWN', `repository name not known to registry: ${repository}`);
    const limit = pageSize(request);
    const { names, more } = await content.tags(repository, { last: request.query('last') ?? '', limit });
    return jsonReply(200, { name: repository, tags: names }, linkHeader(`/v2/${repository}/tags/list`, names, more, limit));
  }

  async #catalog(request: RegistryRequest): Promise<RegistryReply> {
    const limit = pageSize(request);
    const { names, more } = await this.#ports.content.repositories({ last: request.query('last') ?? '', limit });
    return jsonReply(200, { repositories: names }, linkHeader('/v2/_catalog', names, more, limit));
  }

  async #referrers(request: RegistryRequest, repository: string, subject: Digest): Promise<RegistryReply> {
    const wanted = request.query('artifactType');
    const all = await this.#ports.content.referrers(repository, subject);
    const manifests = wanted === undefined ? all : all.filter(({ artifactType }) => artifactType === wanted);
    const filtered: Record<string, string> = wanted === undefined ? {} : { 'OCI-Filters-Applied': 'artifactType' };
    return jsonReply(200, { schemaVersion: 2, mediaType: MEDIA_TYPE.ociIndex, manifests }, { 'Content-Type': MEDIA_TYPE.ociIndex, ...filtered });
  }

  async #putManifest(request: RegistryRequest, repository: string, reference: string, content: WritableContent): Promise<RegistryReply> {
    const { bytes, mediaType, links, blobs } = await readManifest(request);
    const digest = digestOfHex(this.#ports.hasher.sha256(bytes));
    const tag = TAG.test(reference) ? reference : undefined;
    if (tag === undefined && asDigest(reference) !== digest) throw new Fault('DIGEST_INVALID', `the manifest hashes to ${digest}, not to ${reference}`);
    for (const blob of blobs) {
      if (await content.blobSize(repository, blob) === undefined) throw new Fault('MANIFEST_BLOB_UNKNOWN', `the manifest refers to ${blob}, which the repository does not have`);
    }
    await content.putManifest(repository, { digest, mediaType, bytes }, tag, links);
    return emptyReply(201, { Location: `/v2/${repository}/manifests/${digest}`, 'Docker-Content-Digest': digest, ...(links.subject === undefined ? {} : { 'OCI-Subject': links.subject }) });
  }

  async #deleteManifest(repository: string, reference: string, content: WritableContent): Promise<RegistryReply> {
    const gone = TAG.test(reference) ? await content.removeTag(repository, reference) : await content.removeManifest(repository, asDigest(reference));
    if (!gone) throw new Fault('MANIFEST_UNKNOWN', `manifest unknown: ${reference}`);
    return emptyReply(202);
  }

  async #uploads(request: RegistryRequest, route: Extract<Route, { kind: 'upload' | 'uploads' }>, content: WritableContent): Promise<RegistryReply> {
    const { repository } = route;
    if (route.kind === 'uploads') {
      if (request.method !== 'POST') throw new Fault('UNSUPPORTED', `${request.method} is not for this`);
      return this.#beginUpload(request, repository, content);
    }
    const size = await content.uploadSize(repository, route.id);
    if (size === undefined) throw new Fault('BLOB_UPLOAD_UNKNOWN', 'blob upload unknown to registry');
    switch (request.method) {
      case 'GET': return emptyReply(204, progressOf(repository, route.id, size));
      case 'PATCH': {
        checkChunk(request, size, progressOf(repository, route.id, size));
        return emptyReply(202, progressOf(repository, route.id, await content.appendUpload(repository, route.id, request.body)));
      }
      case 'PUT': {
        const digest = asDigest(request.query('digest') ?? '');
        checkChunk(request, size, progressOf(repository, route.id, size));
        await content.appendUpload(repository, route.id, request.body);
        return this.#commit(repository, route.id, digest, content);
      }
      case 'DELETE': await content.cancelUpload(repository, route.id); return emptyReply(204);
      default: throw new Fault('UNSUPPORTED', `${request.method} is not for this`);
    }
  }

  async #beginUpload(request: RegistryRequest, repository: string, content: WritableContent): Promise<RegistryReply> {
    const [mount, from, digest] = [request.query('mount'), request.query('from'), request.query('digest')];
    if (mount !== undefined) {
      const wanted = asDigest(mount);
      // A mount is a read of the other repository.
      const mayRead = from === undefined || await this.#ports.access.check(request, { repository: checkName(from), action: 'pull' }) === undefined;
      if (mayRead && from !== undefined && await content.mount(repository, wanted, from)) return createdBlob(repository, wanted);
    }
    const wanted = digest === undefined ? undefined : asDigest(digest);
    const id = await content.beginUpload(repository);
    if (wanted === undefined) return emptyReply(202, progressOf(repository, id, 0));
    await content.appendUpload(repository, id, request.body);
    return this.#commit(repository, id, wanted, content);
  }

  async #commit(repository: string, id: string, digest: Digest, content: WritableContent): Promise<RegistryReply> {
    try {
      await content.commitUpload(repository, id, digest);
    } catch (thrown) {
      // Wrong bytes stay wrong: the client begins anew.
      await content.cancelUpload(repository, id).catch(() => false);
      throw thrown;
    }
    return createdBlob(repository, digest);
  }

  #writable(): WritableContent {
    const { content } = this.#ports;
    if (isWritable(content)) return content;
    throw new Fault('UNSUPPORTED', 'this registry is only for reading');
  }
}

function actionOf(method: string): Action {
  return method === 'GET' || method === 'HEAD' ? 'pull' : method === 'DELETE' ? 'delete' : 'push';
}

function asDigest(text: string): Digest {
  if (isDigest(text)) return text;
  throw new Fault('DIGEST_INVALID', `invalid digest ${JSON.stringify(text.slice(0, 100))}: expected sha256: and 64 lower-case hex digits`);
}

function pageSize(request: RegistryRequest): number {
  const asked = request.query('n');
  if (asked === undefined) return MAX_PAGE;
  if (!/^\d{1,9}$/.test(asked)) throw new Fault('UNSUPPORTED', `n is ${JSON.stringify(asked.slice(0, 20))}, which is no number`);
  return Math.min(Number(asked), MAX_PAGE);
}

function linkHeader(path: string, names: readonly string[], more: boolean, limit: number): Record<string, string> {
  const last = names.at(-1);
  return more && last !== undefined ? { Link: `<${path}?last=${encodeURIComponent(last)}&n=${limit}>; rel="next"` } : {};
}

/** A chunk has to begin where the last one ended. */
function checkChunk(request: RegistryRequest, size: number, headers: Readonly<Record<string, string>>): void {
  const header = request.header('content-range');
  if (header === undefined) return;
  const range = parseChunkRange(header);
  const length = request.header('content-length');
  if (range === undefined || (length !== undefined && Number(length) !== range.end - range.start + 1)) throw new Fault('SIZE_INVALID', 'Content-Range and Content-Length do not fit together');
  if (range.start !== size) throw new Fault('RANGE_INVALID', `the upload has ${size} bytes, so the next chunk begins there`, headers);
}

function progressOf(repository: string, id: string, size: number): Record<string, string> {
  return { Location: `/v2/${repository}/blobs/uploads/${id}`, 'Docker-Upload-UUID': id, Range: `0-${Math.max(size - 1, 0)}`, 'OCI-Chunk-Min-Length': '1' };
}

function createdBlob(repository: string, digest: Digest): RegistryReply {
  return emptyReply(201, { Location: `/v2/${repository}/blobs/${digest}`, 'Docker-Content-Digest': digest });
}
