import { createSession, type Session } from '@latchkey/browser';
import { AUTH_URL } from '../system/auth-address.js';

let session: Session | undefined;

/** The session of this tab, which starts when a page first needs it: the decoder sends nothing. */
export const consoleSession = (): Session => (session ??= createSession({ authUrl: AUTH_URL }));
