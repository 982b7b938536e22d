// Joins the scripts of a directory, names the bundle by its digest, and puts that name into the page.
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');

const [from, to] = process.argv.slice(2);
const code = readdirSync(from).filter((name) => name.endsWith('.js')).sort().map((name) => readFileSync(`${from}/${name}`, 'utf8')).join('');
const name = `app.${createHash('sha256').update(code).digest('hex').slice(0, 8)}.js`;
mkdirSync(to, { recursive: true });
writeFileSync(`${to}/${name}`, code);
writeFileSync(`${to}/index.html`, readFileSync(`${from}/index.html`, 'utf8').replace('app.js', name));
