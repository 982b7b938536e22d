import { invalidValue, type FieldFault } from '../kind-rules.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const ENV_NAME = /^[!-<>-~ ]+$/;

// The words are upstream's (apimachinery, pkg/util/validation): people search for them.
const LABEL_WORDS = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_WORDS = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const QUALIFIED_WORDS = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_WORDS = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

export function checkDnsLabel(name: string, field: string): readonly FieldFault[] {
  if (name.length > 63) return [invalidValue(field, name, 'must be no more than 63 bytes')];
  return LABEL.test(name) ? [] : [invalidValue(field, name, LABEL_WORDS)];
}

export function checkDnsSubdomain(name: string, field: string): readonly FieldFault[] {
  if (name.length > 253) return [invalidValue(field, name, 'must be no more than 253 bytes')];
  return SUBDOMAIN.test(name) ? [] : [invalidValue(field, name, SUBDOMAIN_WORDS)];
}

export function checkEnvName(name: string, field: string): readonly FieldFault[] {
  return ENV_NAME.test(name) ? [] : [invalidValue(field, name, "a valid environment variable name must consist only of printable ASCII characters other than '='")];
}

export function checkPort(port: unknown, field: string): readonly FieldFault[] {
  return typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535 ? [] : [invalidValue(field, port, 'must be between 1 and 65535, inclusive')];
}

/** `name` or `prefix/name`. */
export function checkQualifiedName(name: string, field: string): readonly FieldFault[] {
  const parts = name.split('/');
  const [prefix, own] = parts.length === 2 ? parts : [undefined, parts[0]];
  if (parts.length > 2) return [invalidValue(field, name, `a qualified name must consist of alphanumeric characters, '-', '_' or '.', with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`)];
  if (own === '') return [invalidValue(field, name, 'name part must be non-empty')];
  return [
    ...(prefix === undefined ? [] : prefix === '' ? [invalidValue(field, name, 'prefix part must be non-empty')] : checkDnsSubdomain(prefix, field)),
    ...((own as string).length > 63 ? [invalidValue(field, name, 'name part must be no more than 63 bytes')] : QUALIFIED_NAME.test(own as string) ? [] : [invalidValue(field, name, QUALIFIED_WORDS)]),
  ];
}

export function checkLabelValue(value: string, field: string): readonly FieldFault[] {
  if (value.length > 63) return [invalidValue(field, value, 'must be no more than 63 bytes')];
  return value === '' || QUALIFIED_NAME.test(value) ? [] : [invalidValue(field, value, VALUE_WORDS)];
}

/** A key of a ConfigMap or Secret: a file's name. */
export function checkDataKey(key: string, field: string): readonly FieldFault[] {
  if (key.length > 253) return [invalidValue(field, key, 'must be no more than 253 bytes')];
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) return [invalidValue(field, key, "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')")];
  if (key === '.' || key === '..') return [invalidValue(field, key, `must not be '${key}'`)];
  return key.startsWith('..') ? [invalidValue(field, key, "must not start with '..'")] : [];
}
