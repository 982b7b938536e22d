import type { Config, HealthConfig } from '../wire/config.ts';
import { invalid } from './invalid.ts';
import { cleanPath } from './clean-path.ts';

const SIGNALS = new Set(
  'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX'.split(' '),
);
const MS = 1_000_000;

function checkSignal(signal: string): void {
  const name = signal.toUpperCase().replace(/^SIG/, '');
  const isNumber = /^\d{1,2}$/.test(signal) && Number(signal) >= 1 && Number(signal) <= 64;
  if (!isNumber && !SIGNALS.has(name) && !/^RTM(IN\+([1-9]|1[0-5])|AX-([1-9]|1[0-4]))$/.test(name)) throw invalid(`invalid signal: ${signal}`);
}

function checkHealth(health: HealthConfig): void {
  const durations = { Interval: health.Interval, Timeout: health.Timeout, StartPeriod: health.StartPeriod, StartInterval: health.StartInterval };
  for (const [name, value] of Object.entries(durations)) {
    if (value !== undefined && value < MS) throw invalid(`${name} in Healthcheck cannot be less than 1ms`);
  }
  if (health.Retries !== undefined && health.Retries < 0) throw invalid('Retries in Healthcheck cannot be negative');
}

/** The request's configuration before the image's is added; answers it with a clean working directory. */
export function checkConfig(config: Config): Config {
  if (config.WorkingDir !== '' && !config.WorkingDir.startsWith('/')) {
    throw invalid(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`);
  }
  if (config.StopSignal !== undefined) checkSignal(config.StopSignal);
  for (const entry of config.Env ?? []) {
    if (entry === '' || entry.startsWith('=')) throw invalid(`invalid environment variable: ${entry}`);
  }
  if (config.Healthcheck) checkHealth(config.Healthcheck);
  return config.WorkingDir === '' ? config : { ...config, WorkingDir: cleanPath(config.WorkingDir) };
}
