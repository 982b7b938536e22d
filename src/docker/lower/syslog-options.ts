import { invalid } from './invalid.ts';

/** RFC 5424, section 6.2.1, as Docker names them. */
export const FACILITIES: readonly string[] = [
  'kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp', '', '', '', '', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7',
];
const SCHEMES = ['unix', 'unixgram', 'tcp', 'tcp+tls', 'udp'];
const FORMATS = ['', 'rfc3164', 'rfc5424', 'rfc5424micro'];

/** @throws GantryError invalid, in Docker's words */
export function checkSyslogOptions(options: Readonly<Record<string, string>>): void {
  const { 'syslog-address': address = '', 'syslog-facility': facility = '', 'syslog-format': format = '' } = options;
  if (address !== '') {
    const [, scheme = '', rest = ''] = /^(?:([a-z+]+):\/\/)?(.*)$/s.exec(address) ?? [];
    if (!SCHEMES.includes(scheme)) throw invalid(`unsupported scheme: '${scheme}'`);
    if (scheme.startsWith('unix') ? !rest.startsWith('/') : !/^(\[[0-9a-f:.]+\]|[^:/\s[\]]+)(:\d{1,5})?$/i.test(rest)) throw invalid(`invalid syslog-address: ${address}`);
  }
  const isNumber = /^\d+$/.test(facility) && Number(facility) <= 23;
  if (facility !== '' && !isNumber && !FACILITIES.includes(facility)) throw invalid('invalid syslog facility');
  if (!FORMATS.includes(format)) throw invalid('Invalid syslog format');
}
