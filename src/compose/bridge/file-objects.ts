import type { FileObject } from '../model/resource-kinds.ts';
import { metadataOf, type Conversion } from './conversion.ts';
import type { Manifest } from './manifest.ts';
import { objectName } from './names.ts';

/** What etcd, and so Kubernetes, lets an object hold, less some room for its names. */
const MAX_BYTES = 1_000_000;

/** A ConfigMap or Secret with one file in it, under a key. */
export interface FileSource {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly key: string;
  /** Undefined where it exists in the cluster already. */
  readonly object: Manifest | undefined;
}

/** Of a secret or config of the project. */
export function declaredFile(conversion: Conversion, kind: FileSource['kind'], source: string, declared: FileObject): FileSource | undefined {
  const path = `${kind === 'Secret' ? 'secrets' : 'configs'}.${source}`;
  const { findings, names } = conversion;
  const own = declared.external === true ? declared.name ?? source : source;
  const name = objectName(own);
  if (declared.external === true) {
    if (name !== own) findings.refuse(path, `${own} is no name of a ${kind}`, 'name it as the cluster has it');
    return { kind, name, key: name, object: undefined };
  }
  for (const key of ['driver', 'template_driver'] as const) if (declared[key] !== undefined) findings.refuse(`${path}.${key}`, 'it is of Swarm', 'leave it out');
  names.take(kind, name, path);
  const bytes = declared.file === undefined ? new TextEncoder().encode(declared.content ?? '') : conversion.readMounted(declared.file);
  if (bytes === undefined || bytes === 'directory') {
    findings.refuse(`${path}.file`, bytes === undefined ? `there is no file ${declared.file}` : `${declared.file} is a directory`, 'name one file');
    return undefined;
  }
  return { kind, name, key: name, object: fileObject(conversion, kind, name, path, bytes) };
}

/** Of a file that a service mounts to read it. */
export function boundFile(conversion: Conversion, service: string, file: string, path: string, bytes: Uint8Array): FileSource {
  const key = objectName(file.slice(file.lastIndexOf('/') + 1)) || 'file';
  const name = objectName(`${service}-${key}`);
  conversion.names.take('ConfigMap', name, `services.${service}.volumes(${file})`);
  return { kind: 'ConfigMap', name, key, object: fileObject(conversion, 'ConfigMap', name, path, bytes, key) };
}

function fileObject(conversion: Conversion, kind: FileSource['kind'], name: string, path: string, bytes: Uint8Array, key = name): Manifest {
  if (bytes.length > MAX_BYTES) conversion.findings.refuse(path, `${bytes.length} bytes are more than a ${kind} holds`, 'put the file into the image');
  const head = { apiVersion: 'v1', kind, metadata: metadataOf(conversion, name) };
  if (kind === 'Secret') return { ...head, type: 'Opaque', data: { [key]: bytes.toBase64() } };
  const text = decoded(bytes);
  return text === undefined ? { ...head, binaryData: { [key]: bytes.toBase64() } } : { ...head, data: { [key]: text } };
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
