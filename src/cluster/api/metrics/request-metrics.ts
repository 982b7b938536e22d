/** What is told apart of requests; of unknown resources nothing, for whoever asks could name any number of them. */
export interface RequestLabels {
  /** `GET`, `LIST`, `APPLY` (kubernetes.io, "Kubernetes Metrics Reference"). */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly scope: '' | 'cluster' | 'namespace' | 'resource';
  readonly dryRun: boolean;
}

/** Seconds; upstream's of `apiserver_request_duration_seconds`. */
const BUCKETS: readonly number[] = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];

interface Durations {
  /** Of each bucket alone; one more for what is beyond all. */
  readonly counts: number[];
  sum: number;
}

/** Requests of one sort. */
interface Series {
  readonly labels: RequestLabels;
  readonly byCode: Map<number, number>;
  readonly durations: Durations;
}

/** Counts requests and their durations, and prints them as Prometheus reads them (text format 0.0.4). */
export class RequestMetrics {
  readonly #series = new Map<string, Series>();
  readonly #running = { mutating: 0, readOnly: 0 };

  /** @returns what is to be called with the code when it is answered */
  begin(labels: RequestLabels): (code: number, seconds: number) => void {
    const kind = READS.has(labels.verb) ? 'readOnly' : 'mutating';
    this.#running[kind] += 1;
    return (code, seconds) => {
      this.#running[kind] -= 1;
      const { byCode, durations } = this.#seriesOf(labels);
      byCode.set(code, (byCode.get(code) ?? 0) + 1);
      const at = BUCKETS.findIndex((bound) => seconds <= bound);
      const bucket = at < 0 ? BUCKETS.length : at;
      durations.counts[bucket] = (durations.counts[bucket] ?? 0) + 1;
      durations.sum += seconds;
    };
  }

  #seriesOf(labels: RequestLabels): Series {
    const { verb, group, version, resource, subresource, scope, dryRun } = labels;
    const key = `${verb} ${group} ${version} ${resource} ${subresource} ${scope} ${dryRun}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const made = { labels, byCode: new Map<number, number>(), durations: { counts: new Array<number>(BUCKETS.length + 1).fill(0), sum: 0 } };
    this.#series.set(key, made);
    return made;
  }

  text(): string {
    const series = [...this.#series.values()];
    return [
      ...head('apiserver_request_total', 'counter', 'Requests, by what was asked for and the code that was answered.'),
      ...series.flatMap(({ labels, byCode }) => [...byCode].map(([code, count]) => `apiserver_request_total{${labelText({ code: String(code), component: 'apiserver', ...named(labels) })}} ${count}`)),
      ...head('apiserver_current_inflight_requests', 'gauge', 'Requests that are not answered yet.'),
      ...Object.entries(this.#running).map(([kind, count]) => `apiserver_current_inflight_requests{request_kind="${kind}"} ${count}`),
      ...head('apiserver_request_duration_seconds', 'histogram', 'How long requests took, watches left out.'),
      // How long a watch lasts is its client's wish.
      ...series.filter(({ labels }) => labels.verb !== 'WATCH').flatMap(({ labels, durations }) => histogram('apiserver_request_duration_seconds', labelText({ component: 'apiserver', ...named(labels) }), durations)),
    ].join('\n') + '\n';
  }
}

/** By upstream's names, in their order. */
function named({ verb, group, version, resource, subresource, scope, dryRun }: RequestLabels): Readonly<Record<string, string>> {
  return { dry_run: dryRun ? 'All' : '', group, resource, scope, subresource, verb, version };
}

const READS: ReadonlySet<string> = new Set(['GET', 'LIST', 'WATCH']);

export function head(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}

function histogram(name: string, labels: string, { counts, sum }: Durations): readonly string[] {
  let upTo = 0;
  const buckets = counts.map((count, at) => {
    upTo += count;
    return `${name}_bucket{${labels},le="${BUCKETS[at] ?? '+Inf'}"} ${upTo}`;
  });
  return [...buckets, `${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${upTo}`];
}

export function labelText(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`).join(',');
}
