/** `a=1,b=2`, sorted. */
export function joinLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`).toSorted().join(',');
}
