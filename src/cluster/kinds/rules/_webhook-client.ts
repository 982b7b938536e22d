import type { JsonObject } from '#base/json.ts';
import { invalidValue, required, type FieldFault } from '../kind-rules.ts';
import { objectAt, textAt } from './_fields.ts';
import { fill } from './_pod-defaults.ts';

/** What has a `clientConfig`, with the port of its service. */
export function withClientPort(hook: JsonObject): JsonObject {
  const service = objectAt(hook, 'clientConfig', 'service');
  return Object.keys(service).length === 0 ? hook : { ...hook, clientConfig: { ...objectAt(hook, 'clientConfig'), service: fill(service, { port: 443 }) } };
}

/** What is wrong with where a webhook is to be asked (pkg/util/webhook, validation). */
export function clientFaults(config: JsonObject, path: string): readonly FieldFault[] {
  const [url, service] = [textAt(config, 'url'), objectAt(config, 'service')];
  const hasService = Object.keys(service).length > 0;
  const bundle = textAt(config, 'caBundle');
  return [
    ...((url !== '') === hasService ? [required(path, 'exactly one of url or service is required')] : hasService ? ['namespace', 'name'].filter((field) => textAt(service, field) === '').map((field) => required(`${path}.service.${field}`)) : urlFaults(url, `${path}.url`)),
    ...(bundle === '' || isCertificate(bundle) ? [] : [invalidValue(`${path}.caBundle`, '<bytes>', 'unable to load root certificates: unable to parse bytes as PEM block')]),
  ];
}

function urlFaults(text: string, path: string): readonly FieldFault[] {
  if (!URL.canParse(text)) return [required(path, `url must be a valid URL: ${JSON.stringify(text)}; desired format: https://host[/path]`)];
  const { protocol, username, password, search } = new URL(text);
  const wrong = (message: string): FieldFault => invalidValue(path, text, message);
  return [
    ...(protocol === 'https:' ? [] : [wrong("'https' is the only allowed URL scheme; desired format: https://host[/path]")]), ...(username === '' && password === '' ? [] : [wrong('user information is not permitted in the URL')]),
    ...(!text.includes('#') ? [] : [wrong('fragments are not permitted in the URL')]), ...(search === '' ? [] : [wrong('query parameters are not permitted in the URL')]),
  ];
}

function isCertificate(base64: string): boolean {
  try {
    return /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.test(new TextDecoder().decode(Uint8Array.fromBase64(base64)));
  } catch {
    return false;
  }
}
