import { GantryError } from '#base/error.ts';

export interface ProvenanceRequest {
  /** `max` tells all that a step is; `min` leaves out what could be confidential. */
  readonly mode: 'min' | 'max';
  readonly version: 'v0.2' | 'v1';
  readonly builderId: string;
  readonly isReproducible: boolean;
  /** Asked for by the client itself, for images with an index; a result that can't have it goes without. */
  readonly isInlineOnly: boolean;
}

/** What a build is to say about its image (BuildKit frontend/attestations/parse.go). */
export interface AttestationRequest {
  readonly provenance?: ProvenanceRequest;
  readonly sbom: boolean;
}

/** What makes bills of materials: built in. BuildKit names its default where a person names none. */
const SCANNER = 'gantry';
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  provenance: ['mode', 'version', 'builder-id', 'reproducible', 'inline-only', 'disabled', 'filename', 'capture-usage', 'type'],
  sbom: ['generator', 'disabled', 'inline-only', 'type'],
};

/** From attributes `attest:TYPE` and build arguments `BUILDKIT_ATTEST_TYPE`. Throws `invalid`, and `unimplemented` for another scanner. */
export function readAttestationRequest(attributes: ReadonlyMap<string, string>): AttestationRequest {
  const types = new Map<string, ReadonlyMap<string, string>>();
  for (const [key, value] of attributes) {
    const type = /^(?:attest:|build-arg:BUILDKIT_ATTEST_)(.+)$/.exec(key)?.[1]?.toLowerCase();
    if (type !== undefined) types.set(type, fieldsOf(type, value));
  }
  const provenance = types.get('provenance');
  const sbom = types.get('sbom');
  if (sbom !== undefined) checkScanner(sbom.get('generator'));
  return {
    ...(provenance === undefined || isDisabled(provenance) ? {} : { provenance: provenanceOf(provenance) }),
    sbom: sbom !== undefined && !isDisabled(sbom),
  };
}

function fieldsOf(type: string, value: string): ReadonlyMap<string, string> {
  const known = OPTIONS[type];
  if (known === undefined) throw new GantryError('invalid', `unknown attestation type ${JSON.stringify(type)}`);
  const fields = value.split(',').map((field) => field.trim().replace(/^"(.*)"$/, '$1')).filter(Boolean).map((field) => {
    const at = field.indexOf('=');
    return at === -1 ? [field, ''] as const : [field.slice(0, at), field.slice(at + 1)] as const;
  });
  const unknown = fields.find(([name]) => !known.includes(name));
  if (unknown !== undefined) throw new GantryError('unimplemented', `the option ${unknown[0]} of attestations of type ${type} is not supported`, { hint: `known are ${known.join(', ')}` });
  return new Map(fields);
}

function checkScanner(generator: string | undefined): void {
  if (generator === undefined || generator === '' || generator === SCANNER) return;
  throw new GantryError('unimplemented', `the SBOM generator ${generator} is not run: bills of materials are made by a scanner that is built in (leave generator out, or generator=${SCANNER})`);
}

function provenanceOf(fields: ReadonlyMap<string, string>): ProvenanceRequest {
  const mode = fields.get('mode') ?? 'max';
  const version = fields.get('version') ?? 'v0.2';
  if (mode !== 'min' && mode !== 'max' && mode !== 'full') throw new GantryError('invalid', `invalid mode ${JSON.stringify(mode)}`);
  if (version !== 'v0.2' && version !== 'v1') throw new GantryError('invalid', `invalid provenance SLSA version: ${version}`);
  return { mode: mode === 'min' ? 'min' : 'max', version, builderId: fields.get('builder-id') ?? '', isReproducible: isTrue(fields.get('reproducible')), isInlineOnly: isTrue(fields.get('inline-only')) };
}

function isDisabled(fields: ReadonlyMap<string, string>): boolean {
  return isTrue(fields.get('disabled'));
}

function isTrue(text: string | undefined): boolean {
  return ['true', '1', 't'].includes((text ?? '').toLowerCase());
}
