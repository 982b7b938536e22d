import { formatTimeNs } from '#base/clock.ts';
import type { JsonObject } from '#base/json.ts';
import type { Predicate } from '#image/oci/attestation.ts';
import type { InstalledPackage } from './installed-packages.ts';

export interface BillOfMaterials {
  /** What it is of: a name of the image. */
  readonly name: string;
  /** By which the document is told from others: of the image's layers. */
  readonly digest: string;
  readonly createdNs: bigint;
  readonly tool: string;
  readonly packages: readonly InstalledPackage[];
}

const PREDICATE_TYPE = 'https://spdx.dev/Document';
const NONE = 'NOASSERTION';
const ROOT = 'SPDXRef-DocumentRoot-Image';
/** An SPDX license expression of plain identifiers; what else packages say is no assertion. */
const EXPRESSION = /^[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*$/;

/** A document of SPDX 2.3 (ISO/IEC 5962) with every package that the image has. */
export function spdxPredicate({ name, digest, createdNs, tool, packages }: BillOfMaterials): Predicate {
  const described = packages.map((one, index) => ({ id: `SPDXRef-Package-${index + 1}`, one }));
  const value: JsonObject = {
    spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', SPDXID: 'SPDXRef-DOCUMENT', name,
    documentNamespace: `https://spdx.org/spdxdocs/gantry-${digest.replace(':', '-')}`,
    creationInfo: { creators: [`Tool: ${tool}`], created: formatTimeNs(createdNs / 1_000_000_000n * 1_000_000_000n).replace(/\.\d+Z$/, 'Z') },
    packages: [
      { name, SPDXID: ROOT, versionInfo: digest, downloadLocation: NONE, filesAnalyzed: false, licenseConcluded: NONE, licenseDeclared: NONE, copyrightText: NONE, primaryPackagePurpose: 'CONTAINER' },
      ...described.map(({ id, one }) => describe(id, one)),
    ],
    relationships: [
      { spdxElementId: 'SPDXRef-DOCUMENT', relationshipType: 'DESCRIBES', relatedSpdxElement: ROOT },
      ...described.map(({ id }) => ({ spdxElementId: ROOT, relationshipType: 'CONTAINS', relatedSpdxElement: id })),
    ],
  };
  return { type: PREDICATE_TYPE, value };
}

function describe(id: string, { name, version, url, license, supplier, foundIn }: InstalledPackage): JsonObject {
  return {
    name, SPDXID: id, versionInfo: version, supplier: supplier === '' ? NONE : `Person: ${supplier}`, downloadLocation: NONE, filesAnalyzed: false,
    sourceInfo: `found in /${foundIn}`, licenseConcluded: NONE, licenseDeclared: EXPRESSION.test(license) ? license : NONE, copyrightText: NONE,
    externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: url }],
  };
}
