import { DockerfileError } from '../dockerfile-error.ts';

export function atLeastOneArgument(name: string): DockerfileError {
  return new DockerfileError(`${name} requires at least one argument`, { token: name });
}

export function exactlyOneArgument(name: string): DockerfileError {
  return new DockerfileError(`${name} requires exactly one argument`, { token: name });
}
