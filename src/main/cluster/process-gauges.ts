import { KUBERNETES_VERSION } from '#cluster/api/api-server.ts';
import { head, labelText } from '#cluster/api/metrics/request-metrics.ts';

const STARTED = Date.now() / 1000 - process.uptime();

/** What Prometheus' own client libraries tell of a process, by their names. */
export function processGauges(): string {
  const { user, system } = process.cpuUsage();
  return [
    ...head('process_cpu_seconds_total', 'counter', 'Processor time of the whole daemon.'), `process_cpu_seconds_total ${(user + system) / 1e6}`,
    ...head('process_resident_memory_bytes', 'gauge', 'Resident memory of the whole daemon.'), `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    ...head('process_start_time_seconds', 'gauge', 'When the daemon started, since the epoch.'), `process_start_time_seconds ${STARTED}`,
    ...head('kubernetes_build_info', 'gauge', 'The release of Kubernetes whose API this is.'), `kubernetes_build_info{${labelText({ git_version: KUBERNETES_VERSION.gitVersion, major: KUBERNETES_VERSION.major, minor: KUBERNETES_VERSION.minor })}} 1`,
  ].join('\n') + '\n';
}
