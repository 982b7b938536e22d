import type { LogTarget, SyslogAddress } from '#container/host/log-target.ts';
import type { ContainerSpec } from '#container/model/container-spec.ts';
import { shortId } from '#container/model/ids.ts';

const FACILITIES = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp', '', '', '', '', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
];
const DAEMON = 3;
const SYSLOG_PORT = 514;
const SYSLOG_TLS_PORT = 6514;

/** `{{.Name}}/{{.ID}}` and the like; what is no field of a container's is left out, as a template leaves it. */
function tagOf(spec: ContainerSpec): string {
  const fields: Readonly<Record<string, string>> = {
    ID: shortId(spec.id), FullID: spec.id, Name: spec.name, ImageName: spec.image.reference, ImageID: shortId(spec.image.id), ImageFullID: spec.image.id, DaemonName: 'gantry',
  };
  const template = spec.logging.options['tag'] ?? '{{.ID}}';
  return template.replaceAll(/\{\{\s*\.(\w+)\s*\}\}/g, (_, name: string) => (Object.hasOwn(fields, name) ? fields[name] ?? '' : ''));
}

function addressOf(options: Readonly<Record<string, string>>): SyslogAddress {
  const address = options['syslog-address'] ?? '';
  if (address === '') return { kind: 'local' };
  const [, scheme = '', rest = ''] = /^([a-z+]+):\/\/(.*)$/s.exec(address) ?? [];
  if (scheme === 'unix' || scheme === 'unixgram') return { kind: scheme, path: rest };
  const [, v6, name = '', port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(rest) ?? [];
  const host = v6 ?? name;
  if (scheme !== 'tcp+tls') return { kind: scheme === 'udp' ? 'udp' : 'tcp', host, port: Number(port ?? SYSLOG_PORT) };
  return {
    kind: 'tls', host, port: Number(port ?? SYSLOG_TLS_PORT), caFile: options['syslog-tls-ca-cert'] ?? '', certFile: options['syslog-tls-cert'] ?? '', keyFile: options['syslog-tls-key'] ?? '',
    isUnverified: Object.hasOwn(options, 'syslog-tls-skip-verify'),
  };
}

/** Labels and variables of a container that options of its log name, and the tag where one was asked for. */
export function logAttributesOf(spec: ContainerSpec): Readonly<Record<string, string>> {
  const { labels = '', env = '', 'labels-regex': labelPattern, 'env-regex': envPattern, tag } = spec.logging.options;
  const variables = spec.process.env.map((entry): [string, string] => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]);
  const wanted = (names: string, pattern: string | undefined) => ([name]: readonly [string, string]): boolean => names.split(',').includes(name) || (pattern !== undefined && matches(pattern, name));
  const found = [...Object.entries(spec.labels).filter(wanted(labels, labelPattern)), ...variables.filter(wanted(env, envPattern))];
  return Object.assign(Object.create(null) as Record<string, string>, Object.fromEntries(found), tag === undefined ? {} : { tag: tagOf(spec) });
}

/** The same as fields of the journal, whose names are upper case, digits and `_`. */
function journalFields(spec: ContainerSpec): Record<string, string> {
  const named = Object.entries(logAttributesOf(spec)).filter(([name]) => name !== 'tag');
  return Object.fromEntries(named.map(([name, value]) => [name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_').replace(/^[_0-9]+/, ''), value]).filter(([name]) => name !== ''));
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern).test(name);
  } catch {
    return false;
  }
}

/** Where a container's log is sent on to; undefined where it stays. */
export function logTargetOf(spec: ContainerSpec, hostname: string): LogTarget | undefined {
  const { driver, options } = spec.logging;
  const tag = tagOf(spec);
  if (driver === 'journald') {
    return {
      kind: 'journald',
      fields: {
        ...journalFields(spec), CONTAINER_ID: shortId(spec.id), CONTAINER_ID_FULL: spec.id, CONTAINER_NAME: spec.name, CONTAINER_TAG: tag, SYSLOG_IDENTIFIER: tag, IMAGE_NAME: spec.image.reference,
      },
    };
  }
  if (driver !== 'syslog') return undefined;
  const facility = options['syslog-facility'] ?? '';
  const format = options['syslog-format'] ?? '';
  return {
    kind: 'syslog', address: addressOf(options), hostname, tag,
    facility: /^\d+$/.test(facility) ? Number(facility) : facility === '' ? DAEMON : FACILITIES.indexOf(facility),
    format: format === 'rfc3164' || format === 'rfc5424' || format === 'rfc5424micro' ? format : 'local',
  };
}
