import type { RegistryContent, WritableContent } from './content.ts';
import type { RegistryReply, RegistryRequest } from './exchange.ts';

export type Action = 'pull' | 'push' | 'delete';

/** What is asked of one repository; undefined for what concerns none. */
export type Asked = { readonly repository: string; readonly action: Action } | undefined;

/** What is known of who asks. */
export type Asker = Pick<RegistryRequest, 'header'>;

/** Who may do what. */
export interface AccessControl {
  /** Undefined where it is allowed, else the refusal: with a challenge, or final. */
  check(asker: Asker, asked: Asked): Promise<RegistryReply | undefined>;
}

/** Everybody may do everything. */
export const OPEN: AccessControl = { check: async () => undefined };

export function isWritable(content: RegistryContent | WritableContent): content is WritableContent {
  return 'putManifest' in content;
}
