import { z } from 'zod';
import { NewPassword } from './password.js';
import { Username } from './username.js';

/** `POST /register`. */
export const RegisterRequest = z.strictObject({ username: Username, password: NewPassword });
export type RegisterRequest = z.infer<typeof RegisterRequest>;

/** The same reply whether or not the name was taken, to prevent account enumeration. */
export const RegisterReply = z.object({ accepted: z.literal(true) });
export type RegisterReply = z.infer<typeof RegisterReply>;
