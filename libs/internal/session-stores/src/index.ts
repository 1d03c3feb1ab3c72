export {
  EXPIRING_STORED_SESSIONS,
  PostgresSessionStore,
} from './postgres/postgres-session-store.js';
export { StoredSessionEntity } from './postgres/stored-session.entity.js';
export { StoredSessions1700000006100 } from './postgres/stored-sessions.migration.js';
