function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const dotted = last.includes('.');
  const plain = dotted ? groups.slice(0, -1) : groups;
  const length = plain.length + (dotted ? 2 : 0);
  const fits = halves.length === 2 ? length < 8 : length === 8;
  return fits && (!dotted || isIpv4(last)) && plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group));
}

/** An IPv4 or IPv6 address (RFC 4291, 2.2), without a zone. */
export function isAddress(text: string): boolean {
  return text.includes(':') ? isIpv6(text) : isIpv4(text);
}
