import type { Project } from './project.ts';
import type { Hook, Service } from './service-kind.ts';

type Trigger = NonNullable<NonNullable<Service['develop']>['watch']>[number];

/** What a change of a file asks for. */
export interface WatchRule {
  readonly service: string;
  readonly action: 'rebuild' | 'sync' | 'restart' | 'sync+restart' | 'sync+exec';
  /** Absolute. */
  readonly path: string;
  readonly target: string;
  readonly exec: Hook | undefined;
  readonly ignores: (relative: string) => boolean;
  readonly initialSync: boolean;
}

/** Whether a path, relative to the rule's, is left out; from patterns as in a .dockerignore. */
export type IgnoreOf = (patterns: readonly string[]) => (relative: string) => boolean;

const ALWAYS = ['.git', '**/*~', '**/.*.sw?', '**/4913'];

export function watchRules(project: Project, ignoreOf: IgnoreOf): WatchRule[] {
  return [...project.services].flatMap(([service, { develop }]) => (develop?.watch ?? []).map((trigger) => ruleOf(service, trigger, ignoreOf)));
}

function ruleOf(service: string, trigger: Trigger, ignoreOf: IgnoreOf): WatchRule {
  const { path = '', action = 'sync', target = '', exec, ignore = [], include = [], initial_sync = false } = trigger;
  const out = ignoreOf([...ALWAYS, ...ignore]);
  const only = include.length === 0 ? () => true : ignoreOf(include);
  return { service, action: action as WatchRule['action'], path, target, exec, initialSync: initial_sync, ignores: (relative) => out(relative) || !only(relative) };
}

/** A file that changed, or that is gone, and the rule that it falls under. */
export interface WatchedChange {
  readonly rule: WatchRule;
  /** Below the rule's path; empty for the path itself. */
  readonly relative: string;
}

/** The changes of paths by the rules that they fall under, most particular rule of each service first. */
export function changesOf(rules: readonly WatchRule[], paths: Iterable<string>): WatchedChange[] {
  return [...new Set(paths)].flatMap((path) => rules.flatMap((rule): WatchedChange[] => {
    if (path !== rule.path && !path.startsWith(`${rule.path}/`)) return [];
    const relative = path.slice(rule.path.length + 1);
    return relative !== '' && rule.ignores(relative) ? [] : [{ rule, relative }];
  }));
}
