import { GantryError } from '#base/error.ts';
import type { LogSpec } from '#container/model/container-spec.ts';
import { parseBinarySize, parseDecimalSize } from '../size.ts';
import type { HostConfig } from '../wire/host-config.ts';
import { invalid } from './invalid.ts';
import { checkSyslogOptions } from './syslog-options.ts';

type Options = Readonly<Record<string, string>>;

const ATTRIBUTES = ['labels', 'labels-regex', 'env', 'env-regex', 'tag'];
const KEEP = ['max-file', 'max-size', 'compress'];
/** Of every driver: how the container waits for it, and the copy that is kept here to be read back. */
const COMMON = ['mode', 'max-buffer-size', 'cache-disabled', 'cache-max-size', 'cache-max-file', 'cache-compress'];
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  'json-file': [...ATTRIBUTES, ...KEEP],
  local: KEEP,
  journald: ATTRIBUTES,
  syslog: [...ATTRIBUTES, 'syslog-address', 'syslog-facility', 'syslog-format', 'syslog-tls-ca-cert', 'syslog-tls-cert', 'syslog-tls-key', 'syslog-tls-skip-verify'],
};

/** Docker lets a log of json-file grow for ever. */
const DEFAULT_BYTES = 20_000_000;
const DEFAULT_FILES = 5;
/** Less than the monitor writes at once could not be kept to. */
const LEAST_BYTES = 1024;

function checkMode(options: Options): void {
  const { mode = '' } = options;
  if (!['', 'blocking', 'non-blocking'].includes(mode)) throw invalid(`logger: logging mode not supported: ${mode}`);
  const size = options['max-buffer-size'];
  if (size === undefined) return;
  if (mode !== 'non-blocking') throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'");
  try {
    parseBinarySize(size);
  } catch (thrown) {
    throw invalid(`error parsing option max-buffer-size: ${thrown instanceof GantryError ? thrown.message : String(thrown)}`);
  }
}

function boolOf(options: Options, name: string, otherwise: boolean): boolean {
  const value = options[name];
  if (value === undefined) return otherwise;
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw invalid(`${name} of the log must be true or false, not '${value}'`);
}

/** How much is kept on this host. Without `max-file`, a `max-size` is that of the only file, as in Docker. */
function keepOf(options: Options, prefix: '' | 'cache-', compresses: boolean): NonNullable<LogSpec['keep']> {
  const [size, files] = [options[`${prefix}max-size`], options[`${prefix}max-file`]];
  const bytes = size === undefined || size === '-1' ? DEFAULT_BYTES : parseDecimalSize(size);
  const count = files === undefined ? (size === undefined || compresses ? DEFAULT_FILES : 1) : Number(files);
  if (bytes <= 0) throw invalid(`max-size of the log must be more than nothing, not '${size}'`);
  if (!Number.isInteger(count) || count < 1 || count > 10_000) throw invalid(`max-file of the log must be from 1 to 10000, not '${files}'`);
  return { bytes: Math.max(bytes, LEAST_BYTES), files: count, compress: boolOf(options, `${prefix}compress`, compresses) };
}

/** The log driver of a request, checked. Whichever it is, the engine keeps what a client may read back. */
export function lowerLogging({ Type, Config }: HostConfig['LogConfig']): LogSpec {
  const options: Options = Config ?? {};
  if (Type === 'none') return { driver: 'none', options: {} };
  if (Type !== 'json-file' && Type !== 'local' && Type !== 'journald' && Type !== 'syslog') {
    throw invalid(`error looking up logging plugin ${Type}: plugin "${Type}" not found`);
  }
  checkMode(options);
  for (const option of Object.keys(options)) {
    if (OPTIONS[Type]?.includes(option) !== true && !COMMON.includes(option)) throw invalid(`unknown log opt '${option}' for ${Type === 'local' ? 'log driver local' : `${Type} log driver`}`);
  }
  if (Type === 'syslog') checkSyslogOptions(options);
  const isLocal = Type === 'local' || Type === 'json-file';
  const isForgotten = !isLocal && boolOf(options, 'cache-disabled', false);
  return { driver: Type, options, keep: keepOf(options, isLocal ? '' : 'cache-', Type !== 'json-file'), ...(isForgotten ? { isUnreadable: true } : {}) };
}
