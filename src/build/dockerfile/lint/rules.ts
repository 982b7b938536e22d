import { quote } from '../_quote.ts';

/** Names, descriptions and messages as in `docker/dockerfile`'s list of build checks. */
export interface Rule {
  readonly description: string;
  readonly url: string;
  /** Only where the `check` directive asks for it. */
  readonly isExperimental: boolean;
}

const DOCUMENTATION = 'https://docs.docker.com/go/dockerfile/rule/';

function rule(page: string, description: string): Rule {
  return { description, url: `${DOCUMENTATION}${page}/`, isExperimental: false };
}

function experimental(page: string, description: string): Rule {
  return { ...rule(page, description), isExperimental: true };
}

export const rules = {
  StageNameCasing: rule('stage-name-casing', 'Stage names should be lowercase'),
  FromAsCasing: rule('from-as-casing', "The 'as' keyword should match the case of the 'from' keyword"),
  NoEmptyContinuation: rule('no-empty-continuation', 'Empty continuation lines will become errors in a future release'),
  ConsistentInstructionCasing: rule('consistent-instruction-casing', 'All commands within the Dockerfile should use the same casing (either upper or lower)'),
  DuplicateStageName: rule('duplicate-stage-name', 'Stage names should be unique'),
  ReservedStageName: rule('reserved-stage-name', 'Reserved words should not be used as stage names'),
  JSONArgsRecommended: rule('json-args-recommended', 'JSON arguments recommended for ENTRYPOINT/CMD to prevent unintended behavior related to OS signals'),
  MaintainerDeprecated: rule('maintainer-deprecated', 'The MAINTAINER instruction is deprecated, use a label instead to define an image author'),
  UndefinedArgInFrom: rule('undefined-arg-in-from', 'FROM command must use declared ARGs'),
  WorkdirRelativePath: rule('workdir-relative-path', 'Relative workdir without an absolute workdir declared within the build can have unexpected results if the base image changes'),
  UndefinedVar: rule('undefined-var', 'Variables should be defined before their use'),
  MultipleInstructionsDisallowed: rule('multiple-instructions-disallowed', 'Multiple instructions of the same type should not be used in the same stage'),
  LegacyKeyValueFormat: rule('legacy-key-value-format', 'Legacy key/value format with whitespace separator should not be used'),
  InvalidBaseImagePlatform: { description: 'Base image platform does not match expected target platform', url: '', isExperimental: false },
  RedundantTargetPlatform: rule('redundant-target-platform', 'Setting platform to predefined $TARGETPLATFORM in FROM is redundant as this is the default behavior'),
  SecretsUsedInArgOrEnv: rule('secrets-used-in-arg-or-env', 'Sensitive data should not be used in the ARG or ENV commands'),
  InvalidDefaultArgInFrom: rule('invalid-default-arg-in-from', 'Default value for global ARG results in an empty or invalid base image name'),
  FromPlatformFlagConstDisallowed: rule('from-platform-flag-const-disallowed', 'FROM --platform flag should not use a constant value'),
  CopyIgnoredFile: experimental('copy-ignored-file', 'Attempting to Copy file that is excluded by .dockerignore'),
  InvalidDefinitionDescription: experimental('invalid-definition-description', 'Comment for build stage or argument should follow the format: `# <arg/stage name> <description>`. If this is not intended to be a description comment, add an empty line or comment between the instruction and the comment.'),
  ExposeProtoCasing: rule('expose-proto-casing', 'Protocol in EXPOSE instruction should be lowercase'),
  ExposeInvalidFormat: rule('expose-invalid-format', 'IP address and host-port mapping should not be used in EXPOSE instruction. This will become an error in a future release'),
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof rules;

/** What each rule says about a finding. */
export const messages = {
  stageNameCasing: (name: string) => `Stage name '${name}' should be lowercase`,
  fromAsCasing: (from: string, as: string) => `'${as}' and '${from}' keywords' casing do not match`,
  instructionCasing: (name: string, casing: string) => `Command '${name}' should match the case of the command majority (${casing})`,
  duplicateStageName: (name: string) => `Duplicate stage name ${quote(name)}, stage names should be unique`,
  reservedStageName: (name: string) => `Stage name should not use the same name as reserved stage ${quote(name)}`,
  jsonArgs: (name: string) => `JSON arguments recommended for ${name} to prevent unintended behavior related to OS signals`,
  undefinedArgInFrom: (name: string, near: string | undefined) => `FROM argument '${name}' is not declared${near === undefined ? '' : ` (did you mean ${near}?)`}`,
  relativeWorkdir: (path: string) => `Relative workdir ${quote(path)} can have unexpected results if the base image changes`,
  undefinedVar: (name: string, near: string | undefined) => `Usage of undefined variable '$${name}'${near === undefined ? '' : ` (did you mean $${near}?)`}`,
  multipleInstructions: (name: string) => `Multiple ${name} instructions should not be used in the same stage because only the last one will be used`,
  legacyKeyValue: (name: string) => `"${name} key=value" should be used instead of legacy "${name} key value" format`,
  baseImagePlatform: (image: string, actual: string, expected: string) => `Base image ${image} was pulled with platform ${quote(actual)}, expected ${quote(expected)} for current build`,
  redundantTargetPlatform: (variable: string) => `Setting platform to predefined ${variable} in FROM is redundant as this is the default behavior`,
  secretInArgOrEnv: (name: string, key: string) => `Do not use ARG or ENV instructions for sensitive data (${name} ${quote(key)})`,
  invalidDefaultArgInFrom: (base: string) => `Default value for ARG ${base} results in empty or invalid base image name`,
  constantPlatform: (platform: string) => `FROM --platform flag should not use constant value ${quote(platform)}`,
  copyIgnored: (name: string, file: string) => `Attempting to ${name} file ${quote(file)} that is excluded by .dockerignore`,
  definitionDescription: (name: string, key: string) => `Comment for ${name} should follow the format: \`# ${key} <description>\``,
  exposeProtoCasing: (port: string) => `Defined protocol '${port}' in EXPOSE instruction should be lowercase`,
  exposeInvalidFormat: (port: string) => `EXPOSE instruction should not define an IP address or host-port mapping, found '${port}'`,
} as const;
