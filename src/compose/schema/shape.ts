/** What may stand at a place of a compose file, before short forms are made long. */
export type Shape = ScalarShape | ListShape | StructShape | MapShape | EitherShape;

export type ScalarType = 'string' | 'integer' | 'number' | 'boolean' | 'null';

export interface ScalarShape {
  readonly kind: 'scalar';
  readonly types: readonly ScalarType[];
  readonly values?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: RegExp;
}

export interface ListShape {
  readonly kind: 'list';
  readonly items: Shape;
  readonly unique: boolean;
}

/** A mapping whose keys are known. */
export interface StructShape {
  readonly kind: 'struct';
  readonly fields: ReadonlyMap<string, Shape>;
  readonly required: readonly string[];
  /** Keys that start with `x-` may stand beside the known ones. */
  readonly extensible: boolean;
  /** Other keys may stand there too, unchecked. */
  readonly open: boolean;
}

/** A mapping whose keys are names that the user chose. */
export interface MapShape {
  readonly kind: 'map';
  readonly keys: RegExp;
  readonly values: Shape;
  readonly open: boolean;
}

export interface EitherShape {
  readonly kind: 'either';
  readonly options: readonly Shape[];
}

type Limits = Omit<ScalarShape, 'kind' | 'types'>;

export const scalar = (types: string, limits: Limits = {}): ScalarShape => ({ kind: 'scalar', types: types.split('|') as ScalarType[], ...limits });
export const oneOfTexts = (...values: string[]): ScalarShape => scalar('string', { values });
export const list = (items: Shape, unique = false): ListShape => ({ kind: 'list', items, unique });
export const either = (...options: Shape[]): EitherShape => ({ kind: 'either', options });

interface StructOptions {
  readonly required?: readonly string[];
  readonly extensible?: boolean;
  readonly open?: boolean;
}

export function struct(fields: Readonly<Record<string, Shape>>, { required = [], extensible = true, open = false }: StructOptions = {}): StructShape {
  return { kind: 'struct', fields: new Map(Object.entries(fields)), required, extensible, open };
}

export const map = (keys: RegExp, values: Shape, open = false): MapShape => ({ kind: 'map', keys, values, open });
