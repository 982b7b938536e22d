/**
 * JSON laid out anew without reading it into values: numbers beyond 2^53 and the order of keys stay as the daemon
 * wrote them. The text must be valid JSON.
 */
export function indentJson(text: string, indent = '    '): string {
  let depth = 0;
  return relay(text, (token, next) => {
    if (token === '{' || token === '[') {
      if (next === '}' || next === ']') return token;
      depth += 1;
      return `${token}\n${indent.repeat(depth)}`;
    }
    if (token === '}' || token === ']') return token;
    if (token === ',') return `,\n${indent.repeat(depth)}`;
    return token === ':' ? ': ' : token;
  }, () => {
    depth -= 1;
    return `\n${indent.repeat(depth)}`;
  });
}

/** The same JSON without blanks between its tokens. */
export function compactJson(text: string): string {
  return relay(text, (token) => token, () => '');
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

function relay(text: string, write: (token: string, next: string | undefined) => string, beforeClose: () => string): string {
  const tokens = text.match(TOKEN) ?? [];
  let out = '';
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1];
    const closes = (token === '}' || token === ']') && before !== '{' && before !== '[';
    out += (closes ? beforeClose() : '') + write(token, tokens[index + 1]);
  }
  return out;
}
