import { parseArgs } from 'node:util';

/** The flags of the cases, as a compose file has them. One that is not here is refused, so that none is left out. */
const FLAGS = {
  'build-arg': { type: 'string', multiple: true }, label: { type: 'string', multiple: true }, secret: { type: 'string', multiple: true }, 'build-context': { type: 'string', multiple: true },
  target: { type: 'string' }, file: { type: 'string', short: 'f' }, network: { type: 'string' },
} as const;

/** A project of one service that builds what `docker build ARGS .` builds. */
export function composeFileOf(image: string, args: readonly string[]): string {
  const { values } = parseArgs({ args: [...args], options: FLAGS });
  const secrets = Object.fromEntries((values.secret ?? []).map(secretOf));
  const build = {
    context: '.', args: values['build-arg'] ?? [], labels: values.label ?? [], additional_contexts: values['build-context'] ?? [], secrets: Object.keys(secrets),
    ...(values.target === undefined ? {} : { target: values.target }), ...(values.file === undefined ? {} : { dockerfile: values.file }), ...(values.network === undefined ? {} : { network: values.network }),
  };
  return JSON.stringify({ services: { case: { image, build } }, ...(Object.keys(secrets).length === 0 ? {} : { secrets }) });
}

/** `id=ID,src=PATH` or `id=ID,env=NAME`. */
function secretOf(text: string): readonly [id: string, source: { readonly file: string } | { readonly environment: string }] {
  const { id, src, env } = Object.fromEntries(text.split(',').map((pair) => pair.split('='))) as Partial<Record<string, string>>;
  if (id === undefined || (src === undefined) === (env === undefined)) throw new TypeError(`a secret that a compose file can't have: ${text}`);
  return [id, src === undefined ? { environment: env ?? '' } : { file: `./${src}` }];
}
