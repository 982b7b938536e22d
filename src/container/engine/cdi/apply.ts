import type { Json, JsonObject } from '#base/json.ts';
import type { ResolvedDevice } from '../runtime-spec/build.ts';
import type { Edits } from './spec.ts';

const listOf = (json: Json | undefined): readonly Json[] => (Array.isArray(json) ? json : []);
const objectOf = (json: Json | undefined): JsonObject => (typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as JsonObject) : {});

/** A variable that is set replaces one of its name. */
function withEnv(present: readonly Json[], added: readonly string[]): Json[] {
  const nameOf = (entry: Json): string => String(entry).split('=', 1)[0] ?? '';
  const names = new Set(added.map(nameOf));
  return [...present.filter((entry) => !names.has(nameOf(entry))), ...added];
}

function withHooks(present: JsonObject, edits: readonly Edits[]): JsonObject {
  const hooks: Record<string, Json> = { ...present } as Record<string, Json>;
  for (const { name, ...hook } of edits.flatMap((edit) => edit.hooks)) hooks[name] = [...listOf(hooks[name]), { ...hook }];
  return hooks;
}

/**
 * A runtime spec with the edits of devices in it, as the Container Device Interface orders them: variables, device nodes with their
 * rules, mounts, hooks, groups. @param nodes the device nodes, looked up on the host
 */
export function applyEdits(spec: JsonObject, edits: readonly Edits[], nodes: readonly ResolvedDevice[]): JsonObject {
  if (edits.length === 0) return spec;
  const process = objectOf(spec['process']);
  const user = objectOf(process['user']);
  const linux = objectOf(spec['linux']);
  const resources = objectOf(linux['resources']);
  const paths = new Set(nodes.map(({ path }) => path));
  const devices = nodes.map(({ path, type, major, minor, mode, uid, gid }) => ({ path, type, major, minor, fileMode: mode, uid, gid }));
  const rules = nodes.map(({ type, major, minor, permissions }) => ({ allow: true, type, major, minor, access: permissions }));
  const mounts = edits.flatMap((edit) => edit.mounts).map(({ hostPath, containerPath, type, options }) => ({
    destination: containerPath, source: hostPath, type: type ?? 'bind', options: options.length > 0 ? options : ['rbind', 'rprivate', 'ro'],
  }));
  const hooks = withHooks(objectOf(spec['hooks']), edits);
  return {
    ...spec,
    process: { ...process, env: withEnv(listOf(process['env']), edits.flatMap((edit) => edit.env)), user: { ...user, additionalGids: [...listOf(user['additionalGids']), ...edits.flatMap((edit) => edit.groups)] } },
    mounts: [...listOf(spec['mounts']), ...mounts.map((mount) => ({ ...mount, options: [...mount.options] }))],
    linux: {
      ...linux,
      devices: [...listOf(linux['devices']).filter((device) => !paths.has(String(objectOf(device)['path']))), ...devices],
      resources: { ...resources, devices: [...listOf(resources['devices']), ...rules] },
    },
    ...(Object.keys(hooks).length === 0 ? {} : { hooks }),
  };
}
