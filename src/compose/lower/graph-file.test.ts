import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openText } from '../testing/open-text.ts';
import { graphFile } from './graph-file.ts';

const project = openText('name: v\nservices: {web: {image: i, ports: ["127.0.0.1:80:80", "9/udp"], depends_on: [db, x], networks: [b, a]}, db: {build: .}, x: {image: y}}\nnetworks: {a: , b: }\n');

test('services and dependencies are a graph', () => {
  assert.equal(graphFile(project, { networks: false, ports: false, image: false, indent: '\t' }), `digraph "v" {
\tlayout=dot;
\t"db" [style="filled" label=<<font point-size="15">db</font>>];
\t"web" [style="filled" label=<<font point-size="15">web</font>>];
\t"x" [style="filled" label=<<font point-size="15">x</font>>];

\t"web" -> "db";
\t"web" -> "x";
}

`);
});

test('nodes tell more where it is asked for', () => {
  const [, , db, web] = graphFile(project, { networks: true, ports: true, image: true, indent: '' }).split('\n');
  const small = (title: string, ...lines: readonly string[]): string => `<font point-size="10"><br/><br/><b>${title}:</b>${lines.map((line) => `<br/>${line}`).join('')}</font>`;
  assert.equal(db, `"db" [style="filled" label=<<font point-size="15">db</font>${small('Networks', 'default')}${small('Image', 'v-db')}>];`);
  assert.equal(web, `"web" [style="filled" label=<<font point-size="15">web</font>${small('Networks', 'a', 'b')}${small('Ports', '127.0.0.1:80:80 (tcp, ingress)', ':9 (udp, ingress)')}${small('Image', 'i')}>];`);
});
