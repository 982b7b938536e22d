import { badRequest } from './refusals.ts';

/** A requirement of a label selector (apimachinery, pkg/labels). */
export interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent' | 'gt' | 'lt';
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

const NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?';
const KEY = new RegExp(`^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?/)?${NAME}$`);
const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const COMPARED = /^([^\s=!<>]+)\s*(==|=|!=|>|<)\s*(.*)$/;

/** `a=b,c in (d,e),!f`. @throws StatusError invalid, where it is no selector */
export function parseLabelSelector(text: string): readonly Requirement[] {
  return splitOutside(text).map((each) => parseRequirement(each.trim(), text));
}

/** At commas that are not in parentheses. */
function splitOutside(text: string): string[] {
  return text.trim() === '' ? [] : text.split(/,(?![^()]*\))/);
}

function parseRequirement(text: string, whole: string): Requirement {
  const set = SET.exec(text);
  if (set !== null) return checked(set[1] ?? '', set[2] === 'in' ? 'in' : 'notin', (set[3] ?? '').split(',').map((value) => value.trim()), whole);
  const compared = COMPARED.exec(text);
  if (compared !== null) {
    const [, key = '', sign = '', value = ''] = compared;
    const operator = sign === '!=' ? 'notin' : sign === '>' ? 'gt' : sign === '<' ? 'lt' : 'in';
    return checked(key, operator, [value.trim()], whole);
  }
  return text.startsWith('!') ? checked(text.slice(1).trim(), 'absent', [], whole) : checked(text, 'exists', [], whole);
}

function checked(key: string, operator: Requirement['operator'], values: readonly string[], whole: string): Requirement {
  if (!KEY.test(key) || key.length > 317) throw badRequest(`unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key)}: name part must consist of alphanumeric characters, '-', '_' or '.' in ${JSON.stringify(whole)}`);
  const wrong = values.find((value) => value.length > 63 || (value !== '' && !new RegExp(`^${NAME}$`).test(value)));
  if (wrong !== undefined) throw badRequest(`unable to parse requirement: values[0][${key}]: Invalid value: ${JSON.stringify(wrong)}: a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'`);
  return { key, operator, values };
}

export function matchesLabels(requirements: readonly Requirement[], labels: Labels): boolean {
  return requirements.every((requirement) => matchesOne(requirement, Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined));
}

function matchesOne({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case 'exists': return value !== undefined;
    case 'absent': return value === undefined;
    case 'in': return value !== undefined && values.includes(value);
    case 'notin': return value === undefined || !values.includes(value);
    case 'gt': return value !== undefined && Number(value) > Number(values[0]);
    case 'lt': return value !== undefined && Number(value) < Number(values[0]);
  }
}

/** `meta.v1.LabelSelector`. */
export interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

const OPERATORS: Readonly<Record<string, Requirement['operator']>> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: 'absent' };

/** An absent selector matches nothing, an empty one everything. */
export function requirementsOf(selector: LabelSelector): readonly Requirement[] {
  return [
    ...Object.entries(selector.matchLabels ?? {}).map(([key, value]): Requirement => ({ key, operator: 'in', values: [value] })),
    ...(selector.matchExpressions ?? []).map(({ key, operator, values = [] }): Requirement => ({ key, operator: OPERATORS[operator] ?? 'in', values })),
  ];
}
