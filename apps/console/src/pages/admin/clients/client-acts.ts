import type { ClientReply } from '@latchkey/contracts/auth-api';
import type { Asked } from '../../../components/asked.js';

/** What the panels of a client share. */
export interface ClientActs extends Pick<Asked, 'ask' | 'say'> {
  readonly client: ClientReply;
  readonly path: string;
  readonly reload: () => Promise<void>;
}
