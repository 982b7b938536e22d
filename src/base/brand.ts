/** A string that went through its constructor: `Brand<string, 'ContainerId'>`. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };
