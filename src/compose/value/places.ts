import { GantryError } from '#base/error.ts';

/** Where something stands in a compose file; line and column count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A path in the model: `['services', 'web', 'ports', '0']`. */
export type Path = readonly string[];

const SEPARATOR = '\u0000';

/** Where each part of the model was written. A later file that says the same thing again takes its place over. */
export class Places {
  readonly #places = new Map<string, Place>();

  set(path: Path, place: Place): void {
    this.#places.set(path.join(SEPARATOR), place);
  }

  /** The place of the path, or of the nearest part around it. */
  find(path: Path): Place | undefined {
    for (let length = path.length; length >= 0; length--) {
      const place = this.#places.get(path.slice(0, length).join(SEPARATOR));
      if (place !== undefined) return place;
    }
    return undefined;
  }
}

function pathText(path: Path): string {
  return path.join('.');
}

export interface ProblemDetail {
  /** What to write instead. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Something wrong in a compose file: `compose.yaml:3:5: services.web.prots: unknown key`. */
export class ComposeProblem extends GantryError {
  readonly path: Path;
  readonly what: string;
  readonly place: Place | undefined;

  constructor(path: Path, what: string, place: Place | undefined, detail: ProblemDetail = {}) {
    const where = place === undefined ? '' : `${place.file}:${place.line}:${place.column}: `;
    const subject = pathText(path);
    super('invalid', `${where}${subject === '' ? '' : `${subject}: `}${what}`, { ...detail, subject: subject === '' ? 'the compose file' : subject });
    this.path = path;
    this.what = what;
    this.place = place;
  }

  /** The same problem, said with the place that `places` knows. */
  at(places: Places): ComposeProblem {
    return new ComposeProblem(this.path, this.what, this.place ?? places.find(this.path), { ...(this.hint === undefined ? {} : { hint: this.hint }), cause: this });
  }
}

/** A problem whose place the caller, who knows the files, fills in. */
export function problem(path: Path, what: string, hint?: string): ComposeProblem {
  return new ComposeProblem(path, what, undefined, hint === undefined ? {} : { hint });
}
