/** Attributes of elements that hold a link, `element attribute` (HTML, "Attributes"; those that upstream's proxy knows: apimachinery, pkg/util/proxy/transport.go). */
const LINKS: ReadonlySet<string> = new Set([
  'a href', 'applet codebase', 'area href', 'audio src', 'base href', 'blockquote cite', 'body background', 'button formaction', 'command icon', 'del cite', 'embed src', 'form action', 'frame longdesc', 'frame src',
  'head profile', 'html manifest', 'iframe longdesc', 'iframe src', 'img longdesc', 'img src', 'img usemap', 'input formaction', 'input src', 'input usemap', 'ins cite', 'link href', 'object classid', 'object codebase', 'object data',
  'object usemap', 'q cite', 'script src', 'source src', 'video poster', 'video src',
]);
const TAG = /<([A-Za-z][A-Za-z0-9]*)((?:\s[^<>]*)?)>/g;
const ATTRIBUTE = /(\s)([A-Za-z-]+)(\s*=\s*)("[^"]*"|'[^']*')/g;

/** A page whose links from the root lead through the proxy as well. @param prefix the path of the proxy, without a slash at its end */
export function withLinksBelow(html: string, prefix: string): string {
  return html.replace(TAG, (tag: string, element: string, attributes: string) => attributes === '' ? tag : `<${element}${attributes.replace(ATTRIBUTE, (all: string, gap: string, name: string, is: string, quoted: string) => {
    if (!LINKS.has(`${element} ${name}`.toLowerCase())) return all;
    const quote = quoted[0] ?? '"';
    return `${gap}${name}${is}${quote}${pathBelow(quoted.slice(1, -1), prefix)}${quote}`;
  })}>`);
}

/** A path from the root of what stands behind the proxy, as a client reaches it; links to other places are let be. */
export function pathBelow(link: string, prefix: string): string {
  return link.startsWith('/') && !link.startsWith('//') && !link.startsWith(`${prefix}/`) ? `${prefix}${link}` : link;
}
