import { invalid } from '../status-error.ts';

/** `linux/arm64/v8` as the JSON that the image endpoints take. Undefined for none. */
export function platformQuery(text: string): string | undefined {
  if (text === '') return undefined;
  const [os = '', architecture = '', variant, extra] = text.toLowerCase().split('/');
  if (os === '' || architecture === '' || extra !== undefined) {
    throw invalid(`invalid platform: ${JSON.stringify(text)}: give os/arch or os/arch/variant, such as linux/arm64`);
  }
  return JSON.stringify({ architecture, os, ...(variant === undefined ? {} : { variant }) });
}
