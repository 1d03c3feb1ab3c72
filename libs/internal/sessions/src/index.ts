export { csrfTokenOf, isCsrfToken } from './session-credential.js';
export type { SessionId } from './session-id.js';
export type { Session, StoredSession } from './session.js';
export { SessionStore, SessionStoreUnavailableError } from './session-store.js';
export {
  Sessions,
  type NewSession,
  type SessionsOptions,
  type StartedSession,
} from './sessions.js';
