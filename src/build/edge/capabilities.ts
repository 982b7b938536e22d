/** What clients ask for by name before they use it (BuildKit frontend/gateway/pb/caps.go, solver/pb/caps.go): what is here. */
export const FRONTEND_CAPS = [
  'solve.base', 'solve.inlinereturn', 'resolveimage', 'readfile', 'return', 'returnmap', 'readdir', 'statfile', 'importcaches', 'proto.refarray', 'reference.output', 'frontend.inputs',
  'gateway.solve.metadata', 'gateway.evaluate', 'gateway.solve.evaluate', 'gateway.warnings', 'frontend.caps', 'reference.attestations',
] as const;

export const LLB_CAPS = [
  'source.image', 'source.image.resolvemode', 'source.local', 'source.local.unique', 'source.local.sessionid', 'source.local.includepatterns', 'source.local.followpaths',
  'source.local.excludepatterns', 'source.local.sharedkeyhint', 'source.git', 'source.http', 'exec.meta.base', 'exec.meta.network', 'exec.meta.security', 'exec.meta.ulimit', 'exec.mount.bind',
  'exec.mount.cache', 'exec.mount.cache.sharing', 'exec.mount.selector', 'exec.mount.tmpfs', 'exec.mount.secret', 'exec.mount.ssh', 'file.base', 'constraints', 'platform', 'meta.ignorecache',
  'meta.description', 'meta.exportcache', 'exporter.image.annotations', 'exporter.image.attestations', 'exporter.sourcedateepoch', 'exporter.multiple', 'gc.freespacefilter',
] as const;
