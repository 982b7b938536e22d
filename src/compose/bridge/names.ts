import type { Findings } from './findings.ts';

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const LABEL_FROM_LETTER = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** What labels and annotations are called: RFC 1123 for the prefix, 63 characters for the name. */
const QUALIFIED = /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** A name that nobody but the objects themselves uses, as Kubernetes has names: `data_dir` is `data-dir`. */
export function objectName(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9-]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 63).replace(/-+$/, '');
}

/** A name that others look up, which can't be another: that of a service, an alias. */
export function isServiceName(text: string): boolean {
  return LABEL_FROM_LETTER.test(text);
}

export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

export function isQualifiedName(text: string): boolean {
  return QUALIFIED.test(text);
}

/** Two things never become one object because their names are alike. */
export class TakenNames {
  readonly #owners = new Map<string, string>();
  readonly #findings: Findings;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** `owner` is the place in the model that the object is of. */
  take(kind: string, name: string, owner: string): void {
    const key = `${kind}/${name}`;
    const other = this.#owners.get(key);
    if (other !== undefined && other !== owner) this.#findings.refuse(owner, `${kind} ${name} would be that of ${other} too`, 'rename one of them');
    this.#owners.set(key, owner);
  }
}
