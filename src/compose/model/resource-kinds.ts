import { SECRET_VALUE } from '../load/environment.ts';
import { textMap } from './basic-kinds.ts';
import type { Mapping } from '../value/value.ts';
import { choice, dictionary, flag, list, struct, text, texts, whole, type Kind, type Static } from './kind.ts';

export const networkKind = struct({
  name: text, driver: text, driver_opts: textMap,
  ipam: struct({ driver: text, config: list(struct({ subnet: text, gateway: text, ip_range: text, aux_addresses: textMap })) }, { embedded: true }),
  external: flag, internal: flag, attachable: flag, labels: textMap, enable_ipv4: choice, enable_ipv6: choice,
});

export const volumeKind = struct({ name: text, driver: text, driver_opts: textMap, external: flag, labels: textMap });

const fileKind = struct({
  name: text, file: text, environment: text, content: text, external: flag, labels: textMap, driver: text, driver_opts: textMap, template_driver: text,
});

/** The value of a secret is loaded, and never printed. */
const secretKind: Kind<FileObject> = {
  read: (value, path) => {
    const { extensions, ...secret } = fileKind.read(value, path);
    const loaded = extensions?.get(SECRET_VALUE);
    const others: Mapping = new Map([...(extensions ?? [])].filter(([key]) => key !== SECRET_VALUE));
    return { ...secret, ...(typeof loaded === 'string' ? { content: loaded } : {}), ...(others.size > 0 ? { extensions: others } : {}) };
  },
  yaml: ({ content: _loaded, ...secret }) => fileKind.yaml(secret),
  json: ({ content: _loaded, ...secret }) => fileKind.json(secret),
};

/** The content of a config that came from the environment is shown as the variable's name. */
const configKind: Kind<FileObject> = { ...fileKind, yaml: (config) => fileKind.yaml(asWritten(config)), json: (config) => fileKind.json(asWritten(config)) };

function asWritten({ content, ...config }: FileObject): FileObject {
  return content === undefined || (config.environment ?? '') !== '' ? config : { ...config, content };
}

const modelKind = struct({ name: text, model: text, context_size: whole, runtime_flags: texts });

export const networks = dictionary(networkKind);
export const volumes = dictionary(volumeKind);
export const secrets = dictionary(secretKind);
export const configs = dictionary(configKind);
export const models = dictionary(modelKind);

export type Network = Static<typeof networkKind>;
export type Volume = Static<typeof volumeKind>;
/** A secret or a config. */
export type FileObject = Static<typeof fileKind>;
