import type { Session, SessionOptions } from './session.js';
import { TabSession } from './tab-session.js';

export type {
  Publication,
  Session,
  SessionListener,
  SessionOptions,
  SessionState,
} from './session.js';
export { SessionError, type SessionErrorCode } from './session-error.js';

/**
 * Starts the session of this tab: asks the auth service for an access token, if its cookie has a session
 * that is alive. Call it once per page.
 *
 * @throws TypeError if `authUrl` or one of `origins` is not a URL
 */
export function createSession(options: SessionOptions): Session {
  return new TabSession(options);
}
