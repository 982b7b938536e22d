import { DockerfileError } from '../dockerfile-error.ts';

/** One record of comma-separated values (RFC 4180): a field in quotes may have commas, and quotes twice. */
export function csvFields(text: string, subject: string): readonly string[] {
  const refuse = (column: number, why: string): DockerfileError => new DockerfileError(`failed to parse csv ${subject}: parse error on line 1, column ${column}: ${why}`, { token: text });
  const fields: string[] = [];
  let position = 0;
  for (;;) {
    if (text[position] !== '"') {
      const comma = text.indexOf(',', position);
      const end = comma < 0 ? text.length : comma;
      const field = text.slice(position, end);
      if (field.includes('"')) throw refuse(position + field.indexOf('"') + 1, 'bare " in non-quoted-field');
      fields.push(field);
      position = end;
    } else {
      let field = '';
      let end = position + 1;
      for (; ; end++) {
        if (end >= text.length) throw refuse(text.length + 1, 'extraneous or missing " in quoted-field');
        if (text[end] !== '"') field += text[end];
        else if (text[end + 1] === '"') field += text[++end];
        else break;
      }
      position = end + 1;
      if (position < text.length && text[position] !== ',') throw refuse(position, 'extraneous or missing " in quoted-field');
      fields.push(field);
    }
    if (position >= text.length) return fields;
    position++;
  }
}
