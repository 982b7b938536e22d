import { fileMounts, flag, hosts, pairs, text, texts, ulimits, wholeNumber } from './basic-shapes.ts';
import { either, struct } from './shape.ts';

export const buildShape = either(text, struct({
  context: text, dockerfile: text, dockerfile_inline: text, entitlements: texts, args: pairs, ssh: pairs, labels: pairs, cache_from: texts,
  cache_to: texts, no_cache: flag, additional_contexts: pairs, network: text, provenance: flag, sbom: flag, pull: flag, target: text,
  shm_size: wholeNumber, extra_hosts: hosts, isolation: text, privileged: flag, secrets: fileMounts, tags: texts, ulimits, platforms: texts,
}));
