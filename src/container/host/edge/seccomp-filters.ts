import { Buffer } from 'node:buffer';
import type { Runtime } from '../facts.ts';
import { compileSeccomp } from './linux/seccomp-compile.ts';

/** Filters, each compiled once: libseccomp takes about as long for one as the rest of a container's start. */
export class SeccompFilters {
  readonly #compiled = new Map<string, string>();

  /** @param runtime runc knows no ready-made filter: it gets the profile */
  compile(profileJson: string, runtime: Runtime['name']): string | undefined {
    if (runtime !== 'crun') return undefined;
    const known = this.#compiled.get(profileJson);
    if (known !== undefined) return known;
    const base64 = Buffer.from(compileSeccomp(JSON.parse(profileJson))).toString('base64');
    this.#compiled.set(profileJson, base64);
    return base64;
  }
}
