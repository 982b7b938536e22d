/** Go's url.QueryEscape. */
function escape(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+').replaceAll(/[!'()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** What `docker logs --details` puts before each line: `a=1,b=x+y `, by name. */
export function logDetails(attributes: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(attributes).sort(([left], [right]) => (left < right ? -1 : 1));
  return `${pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join(',')} `;
}
