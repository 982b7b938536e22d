import { GantryError } from '#base/error.ts';
import { familiarName, parseReference } from '#image/oci/reference.ts';
import { DockerfileError } from '../dockerfile-error.ts';
import { detectSyntax } from '../parse/directive.ts';
import type { PlanOptions } from './build-plan.ts';

/** Images of the frontend whose place this room takes, whatever their tag. */
const BUILT_IN: ReadonlySet<string> = new Set(['docker/dockerfile', 'docker/dockerfile-upstream']);

/** Another language than Dockerfile is refused rather than read as one. The build argument BUILDKIT_SYNTAX comes before the directive. */
export function refuseOtherFrontends(text: string, { buildArgs }: PlanOptions): void {
  const given = buildArgs?.get('BUILDKIT_SYNTAX');
  const directive = given === undefined ? detectSyntax(text) : undefined;
  const image = given ?? directive?.image;
  if (image === undefined || isBuiltIn(image)) return;
  throw new DockerfileError(`the frontend ${image} is not supported: only docker/dockerfile is, which is built in; take the syntax directive away or name docker/dockerfile:1`, { lines: directive?.lines, token: image });
}

function isBuiltIn(image: string): boolean {
  try {
    return BUILT_IN.has(familiarName(parseReference(image)));
  } catch (error) {
    if (error instanceof GantryError) return false;
    throw error;
  }
}
