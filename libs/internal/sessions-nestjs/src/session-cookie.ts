import { HostCookie } from '@latchkey/verifier-nestjs/guards';

/** What the cookie of a session is called. */
export const SESSION_COOKIE = '__Host-session';
/** The same on plain HTTP, for development on one machine. */
export const DEVELOPMENT_COOKIE = 'session-development';

/** What a browser keeps the credential in, and where its pages may come from. */
export class SessionCookie extends HostCookie {
  /**
   * @param origins of the pages that may use it: `https://shop.example.com`
   * @throws TypeError for none, for what is no origin, and for plain HTTP that leaves the machine
   */
  constructor(origins: readonly string[]) {
    super({ secure: SESSION_COOKIE, development: DEVELOPMENT_COOKIE }, origins);
  }
}
