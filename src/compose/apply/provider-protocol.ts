import { GantryError } from '#base/error.ts';
import type { Service } from '../model/service-kind.ts';

/**
 * How compose talks to the program of a provider (docs/extension.md of docker/compose): `PROGRAM compose --project-name=P up
 * --OPTION=VALUE SERVICE`, which answers with one JSON object a line.
 */
export type ProviderCommand = 'up' | 'down';

interface Parameter {
  readonly name: string;
  readonly required: boolean;
}

/** The options that a program knows, by command; undefined for one that doesn't say. */
export type ProviderMetadata = Readonly<Record<ProviderCommand, readonly Parameter[]>> | undefined;

/** What `PROGRAM compose metadata` printed. A program may have no such command. */
export function readMetadata(text: string): ProviderMetadata {
  const metadata = parse(text);
  if (metadata === undefined || (metadata['up'] === undefined && metadata['down'] === undefined)) return undefined;
  const of = (command: ProviderCommand): readonly Parameter[] => {
    const parameters = asRecord(metadata[command])?.['parameters'];
    return (Array.isArray(parameters) ? parameters : []).flatMap((given: unknown) => {
      const parameter = asRecord(given);
      return typeof parameter?.['name'] === 'string' ? [{ name: parameter['name'], required: parameter['required'] === true }] : [];
    });
  };
  return { up: of('up'), down: of('down') };
}

/** Options that the command doesn't know are left out, where it says what it knows. @throws GantryError invalid where one is missing that it needs */
export function providerArguments(project: string, service: string, { provider }: Service, command: ProviderCommand, metadata: ProviderMetadata): string[] {
  const options = provider?.options ?? new Map<string, readonly string[]>();
  const known = metadata?.[command];
  const missing = known?.find(({ name, required }) => required && !options.has(name));
  if (missing !== undefined) {
    throw new GantryError('invalid', `required parameter "${missing.name}" is missing from provider "${provider?.type ?? ''}" definition`, { subject: `service ${service}`, hint: `add it to services.${service}.provider.options` });
  }
  const taken = [...options].filter(([key]) => known === undefined || known.some(({ name }) => name === key));
  return ['compose', `--project-name=${project}`, command, ...taken.flatMap(([key, values]) => values.map((value) => `--${key}=${value}`)), service];
}

export type ProviderMessage =
  | { readonly type: 'info' | 'debug'; readonly message: string }
  | { readonly type: 'setenv'; readonly name: string; readonly value: string };

/** One line of what a program prints. @throws GantryError unavailable with its own words for an error, invalid for what isn't of the protocol */
export function readProviderMessage(line: string): ProviderMessage {
  const { type, message } = parse(line) ?? {};
  if (typeof message !== 'string') throw new GantryError('invalid', `invalid response from plugin: ${line.slice(0, 200)}`, { hint: 'each line is {"type": "info, setenv, debug or error", "message": "..."}' });
  switch (type) {
    case 'info': case 'debug': return { type, message };
    case 'error': throw new GantryError('unavailable', message);
    case 'setenv': {
      const at = message.indexOf('=');
      if (at === -1) throw new GantryError('invalid', `invalid response from plugin: ${message}`, { hint: 'setenv has a message NAME=VALUE' });
      return { type, name: message.slice(0, at), value: message.slice(at + 1) };
    }
    default: throw new GantryError('invalid', `invalid response from plugin: ${String(type)}`, { hint: 'info, setenv, debug and error are known' });
  }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? value as Readonly<Record<string, unknown>> : undefined;
}
