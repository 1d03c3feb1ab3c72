import type { z } from 'zod';
import { UserReply } from './users.js';

/** `GET /account`: the user who makes the request. Roles and scopes are those of the next token. */
export const AccountReply = UserReply.omit({ disabled: true });
export type AccountReply = z.infer<typeof AccountReply>;
