import { invalid } from '../status-error.ts';

/** The fields of one CSV record (RFC 4180): `type=bind,"src=/a,b",dst=/c`. */
export function parseCsvRecord(text: string): readonly string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const [field, next] = text[at] === '"' ? quoted(text, at) : bare(text, at);
    fields.push(field);
    if (next >= text.length) return fields;
    at = next + 1;
  }
}

function bare(text: string, start: number): readonly [string, number] {
  const comma = text.indexOf(',', start);
  const end = comma === -1 ? text.length : comma;
  const field = text.slice(start, end);
  const quote = field.indexOf('"');
  if (quote !== -1) throw invalid(`parse error on line 1, column ${start + quote + 1}: bare " in non-quoted-field`);
  return [field, end];
}

function quoted(text: string, start: number): readonly [string, number] {
  let field = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote === -1) throw invalid(`parse error on line 1, column ${text.length + 1}: extraneous or missing " in quoted-field`);
    field += text.slice(at, quote);
    if (text[quote + 1] === '"') {
      field += '"';
      at = quote + 2;
      continue;
    }
    if (quote + 1 < text.length && text[quote + 1] !== ',') {
      throw invalid(`parse error on line 1, column ${quote + 1}: extraneous or missing " in quoted-field`);
    }
    return [field, quote + 1];
  }
}
