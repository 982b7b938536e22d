import { driverOptions, external, flag, NAME, nothing, openExternal, pairs, text, textOrTexts, texts } from './basic-shapes.ts';
import { serviceShape } from './service-shape.ts';
import { either, list, map, scalar, struct } from './shape.ts';

const network = either(nothing, struct({
  name: text, driver: text, driver_opts: driverOptions, external, internal: flag, enable_ipv4: flag, enable_ipv6: flag, attachable: flag, labels: pairs,
  ipam: struct({
    driver: text, options: map(/^.+$/s, text),
    config: list(struct({ subnet: text, ip_range: text, gateway: text, aux_addresses: map(/^.+$/s, text) })),
  }),
}));

const volume = either(nothing, struct({ name: text, driver: text, driver_opts: driverOptions, external, labels: pairs }));

const file = { name: text, environment: text, file: text, external: openExternal, labels: pairs, template_driver: text };

/** A whole compose file: the facts of the Compose specification's schema. */
export const composeShape = struct({
  version: text, name: text,
  include: list(either(text, struct({ path: textOrTexts, env_file: textOrTexts, project_directory: text }, { extensible: false }))),
  services: map(NAME, serviceShape),
  models: map(NAME, struct({ name: text, model: text, context_size: scalar('integer'), runtime_flags: texts }, { required: ['model'] }), true),
  networks: map(NAME, network, true),
  volumes: map(NAME, volume),
  secrets: map(NAME, struct({ ...file, driver: text, driver_opts: driverOptions })),
  configs: map(NAME, struct({ ...file, content: text })),
});
