import { HostCookie } from '@latchkey/verifier-nestjs/guards';

/** Name of the session cookie. */
export const SESSION_COOKIE = '__Host-session';
/** Its name on plain HTTP, for development on one machine. */
export const DEVELOPMENT_COOKIE = 'session-development';

/** The cookie in which a browser sends the credential of a session. Only pages of the allowed origins can use it. */
export class SessionCookie extends HostCookie {
  /**
   * @param origins origins of the pages that may use the cookie, such as `https://shop.example.com`
   * @throws TypeError if there is none, if one is not an origin, or if one is plain HTTP on another machine
   */
  constructor(origins: readonly string[]) {
    super({ secure: SESSION_COOKIE, development: DEVELOPMENT_COOKIE }, origins);
  }
}
