/** Counters in Prometheus' text format, version 0.0.4. */
export class RegistryMetrics {
  readonly #requests = new Map<string, number>();
  #inFlight = 0;
  #received = 0;
  #sent = 0;
  #collections = 0;
  #collectedBytes = 0;
  #cacheBytes: number | undefined;
  #evictions = 0;
  #evictedBytes = 0;

  /** Call the answer with the status when the request is over. */
  begin(method: string): (status: number) => void {
    this.#inFlight += 1;
    // Whatever a client makes up as a method is one label.
    const known = ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'].includes(method) ? method : 'other';
    return (status) => {
      this.#inFlight -= 1;
      const key = `method="${known}",code="${status}"`;
      this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
    };
  }

  received(bytes: number): void {
    this.#received += bytes;
  }

  sent(bytes: number): void {
    this.#sent += bytes;
  }

  collected(bytes: number): void {
    this.#collections += 1;
    this.#collectedBytes += bytes;
  }

  /** All that a pull-through cache has. */
  cacheHolds(bytes: number): void {
    this.#cacheBytes = bytes;
  }

  /** One manifest of a cache, and what only it needs. */
  evicted(bytes: number): void {
    this.#evictions += 1;
    this.#evictedBytes += bytes;
  }

  render(): string {
    const family = (name: string, type: 'counter' | 'gauge', help: string, values: readonly (readonly [labels: string, value: number])[]): string[] => [
      `# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...values.map(([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}`),
    ];
    return [
      ...family('gantry_registry_requests_total', 'counter', 'Requests by method and status.', [...this.#requests].sort()),
      ...family('gantry_registry_requests_in_flight', 'gauge', 'Requests under way.', [['', this.#inFlight]]),
      ...family('gantry_registry_received_bytes_total', 'counter', 'Bytes of request bodies.', [['', this.#received]]),
      ...family('gantry_registry_sent_bytes_total', 'counter', 'Bytes of answers.', [['', this.#sent]]),
      ...family('gantry_registry_collections_total', 'counter', 'Garbage collections.', [['', this.#collections]]),
      ...family('gantry_registry_collected_bytes_total', 'counter', 'Bytes that collections gave back.', [['', this.#collectedBytes]]),
      ...(this.#cacheBytes === undefined ? [] : [
        ...family('gantry_registry_cache_bytes', 'gauge', 'Bytes that the cache holds.', [['', this.#cacheBytes]]),
        ...family('gantry_registry_evictions_total', 'counter', 'Manifests that the cache gave up.', [['', this.#evictions]]),
        ...family('gantry_registry_evicted_bytes_total', 'counter', 'Bytes that only those manifests needed.', [['', this.#evictedBytes]]),
      ]), '',
    ].join('\n');
  }
}
