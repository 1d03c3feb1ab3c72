import type { UserReply } from '@latchkey/contracts/auth-api';
import type { Asked } from '../../../components/asked.js';

/** What the panels of a user share. */
export interface UserActs extends Pick<Asked, 'ask' | 'say'> {
  readonly user: UserReply;
  readonly path: string;
  readonly reload: () => Promise<void>;
}
