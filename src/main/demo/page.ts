/** What the demo's web server shows, and by which it is known. */
export const MARK = 'Served from a container by Gantry';

export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${MARK}</title>
<style>
  body { font: 18px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 12vh auto; padding: 0 1rem; color: #1b2733; }
  h1 { font-size: 1.6rem; } code { background: #eef2f5; padding: .1em .3em; border-radius: 4px; }
</style>
<h1>${MARK}</h1>
<p>This page is a layer. Below it is nginx, a layer too, and below that a Debian made from its own packages, on this machine.</p>
<p>Look further: <code>gantry ps</code>, <code>gantry logs demo</code>, <code>gantry exec -it demo bash</code>.
The real <code>docker</code> works as well: set <code>DOCKER_HOST=unix:///run/gantry/gantry.sock</code>.</p>
</html>
`;
