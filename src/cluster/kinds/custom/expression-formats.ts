import { Optional, type Environment } from '@marcbachmann/cel-js';
import type { FieldFault } from '../kind-rules.ts';
import { checkDnsLabel, checkDnsSubdomain, checkLabelValue, checkQualifiedName } from '../rules/_name-validation.ts';
import { withNamespace } from './expression-namespace.ts';
import { isOfFormat } from './formats.ts';

const NAMES = 'kubernetes.Formats';
const FORMAT = 'kubernetes.NamedFormat';

type Check = (text: string) => readonly string[];

class Format {
  readonly check: Check;

  constructor(check: Check) {
    this.check = check;
  }
}

const words = (check: (text: string, field: string) => readonly FieldFault[]): Check => (text) => check(text, '').map(({ message }) => message.replace(/^Invalid value: (?:"(?:[^"\\]|\\.)*"): /, ''));
/** What is to become a name by something put behind it may end in a dash. */
const prefix = (check: Check): Check => (text) => check(text.endsWith('-') ? `${text.slice(0, -1)}a` : text);
const form = (name: string, fault: string): Check => (text) => (isOfFormat(text, name) ? [] : [fault]);
const LABEL_1035 = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const label1035: Check = (text) => [...(text.length > 63 ? ['must be no more than 63 characters'] : []), ...(/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(text.slice(0, 64)) ? [] : [LABEL_1035])];

const FORMATS: Readonly<Record<string, Check>> = {
  dns1123Label: words(checkDnsLabel), dns1123Subdomain: words(checkDnsSubdomain), dns1035Label: label1035, qualifiedName: words(checkQualifiedName),
  dns1123LabelPrefix: prefix(words(checkDnsLabel)), dns1123SubdomainPrefix: prefix(words(checkDnsSubdomain)), dns1035LabelPrefix: prefix(label1035), labelValue: words(checkLabelValue),
  uri: (text) => (text.startsWith('/') || isOfFormat(text, 'uri') ? [] : [`invalid URI format: ${JSON.stringify(text)}`]), uuid: form('uuid', 'does not match the UUID format'), byte: form('byte', 'invalid base64'), date: form('date', 'invalid date'), datetime: form('datetime', 'invalid datetime'),
};

/** kubernetes.io, "Common Expression Language in Kubernetes", Kubernetes format library: `format.dns1123Label().validate(x)` is nothing, or what is wrong. */
export function withFormats(bare: Environment): Environment {
  const environment = withNamespace(bare.registerType(FORMAT, { ctor: Format, fields: {} }), 'format', NAMES)
    .registerFunction(`${NAMES}.named(string): optional<${FORMAT}>`, (_names: unknown, name: string) => (Object.hasOwn(FORMATS, name) ? Optional.of(new Format(FORMATS[name] as Check)) : Optional.none()))
    .registerFunction(`${FORMAT}.validate(string): optional<list<string>>`, ({ check }: Format, text: string) => {
      const faults = check(text);
      return faults.length === 0 ? Optional.none() : Optional.of(faults);
    });
  return Object.entries(FORMATS).reduce((with_, [name, check]) => with_.registerFunction(`${NAMES}.${name}(): ${FORMAT}`, () => new Format(check)), environment);
}
