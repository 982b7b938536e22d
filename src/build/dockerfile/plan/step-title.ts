import type { Platform } from '#image/oci/platform.ts';
import type { Variables } from '../expand/lexer.ts';
import type { BuildPlan, PlannedStage } from './build-plan.ts';
import { normalizePlatform, parsePlatformSpecifier, platformText } from './platform-text.ts';

const WITH_STEP: ReadonlySet<string> = new Set(['add', 'copy', 'run', 'workdir']);

/** How many lines of progress a stage has: its base, unless that is a stage or nothing, and the steps. */
export function stepCount({ base, instructions }: PlannedStage): number {
  const steps = instructions.filter(({ instruction }) => WITH_STEP.has(instruction.kind)).length;
  return steps + (base.kind === 'image' || base.kind === 'context' ? 1 : 0);
}

/** The line of progress for a stage's base: `[build 1/5] FROM docker.io/library/debian:13@sha256:...`. */
export function baseTitle(plan: BuildPlan, stage: PlannedStage, reference: string, platform: Platform): string {
  return `${stage.isImplicit ? '' : stagePrefix(plan, stage, 1, platform, new Map())}FROM ${reference}`;
}

/** `[linux/amd64 build 2/5] `. */
export function stagePrefix(plan: BuildPlan, stage: PlannedStage, number: number, platform: Platform, variables: Variables): string {
  const total = stepCount(stage);
  if (total === 0) return '';
  const where = plan.options.isMultiPlatform === true ? `${platformText(platform)}${crossText(platform, variables)} ` : '';
  const label = stage.label === '' ? '' : `${stage.label} `;
  return `[${where}${label}${String(number).padStart(String(total).length)}/${total}] `;
}

/** What a stage on one platform builds for another, as its variables tell: `->arm64`. */
function crossText(base: Platform, variables: Variables): string {
  const wanted = targetOf(base, variables);
  if (wanted === undefined) return '';
  if (wanted.os !== base.os) return `->${platformText(wanted)}`;
  if (wanted.architecture === base.architecture) return '';
  return `->${wanted.architecture}${wanted.variant === undefined ? '' : `/${wanted.variant}`}`;
}

function targetOf(base: Platform, variables: Variables): Platform | undefined {
  const whole = variables.get('TARGETPLATFORM');
  if (whole !== undefined) {
    try {
      return parsePlatformSpecifier(whole, base);
    } catch {
      // A variable of that name may be anything; then the parts decide.
    }
  }
  const [os, architecture, variant] = ['TARGETOS', 'TARGETARCH', 'TARGETVARIANT'].map((name) => variables.get(name));
  if (os === undefined && architecture === undefined && variant === undefined) return undefined;
  return normalizePlatform({ os: os === undefined || os === '' ? base.os : os, architecture: architecture === undefined || architecture === '' ? base.architecture : architecture, ...(variant === undefined || variant === '' ? {} : { variant }) });
}
