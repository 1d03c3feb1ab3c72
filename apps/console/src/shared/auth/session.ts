import { createSession, type Session } from '@latchkey/browser';

/** The console is one level below the issuer that serves it. */
export const AUTH_URL = new URL('../', document.baseURI);

let session: Session | undefined;

/** The session of this tab, which starts when a page first needs it: the decoder sends nothing. */
export const consoleSession = (): Session => (session ??= createSession({ authUrl: AUTH_URL }));
