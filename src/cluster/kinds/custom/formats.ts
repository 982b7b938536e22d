const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const DURATION = /^[-+]?(?:0|(?:\d{1,18}(?:\.\d{1,18})?(?:ns|us|µs|ms|s|m|h))+)$/;

/** The formats of texts that upstream knows; what it does not know, everything is (apiextensions, pkg/apiserver/schema). */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) => text.length < 64 && /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[-+]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text)),
  datetime: (text) => !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)),
  byte: (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0,
  duration: (text) => text.length < 128 && DURATION.test(text),
  uuid: (text) => UUID.test(text), uuid3: (text) => UUID.test(text), uuid4: (text) => UUID.test(text), uuid5: (text) => UUID.test(text),
  ipv4: isIpv4, ipv6: (text) => text.includes(':') && text.length <= 45 && /^[0-9a-fA-F:.]+$/.test(text),
  hostname: (text) => text.length <= 255 && text.split('.').every((label) => /^[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(label)),
  email: (text) => text.length < 320 && /^[^\s@]+@[^\s@]+$/.test(text),
  uri: (text) => /^[A-Za-z][-+.A-Za-z0-9]*:\S+$/.test(text),
};

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

export function isOfFormat(text: string, format: string): boolean {
  return Object.hasOwn(FORMATS, format) ? (FORMATS[format] as (text: string) => boolean)(text) : true;
}
