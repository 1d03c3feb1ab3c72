export { EXPIRING_STORED_SESSIONS, PostgresSessionStore } from './postgres-session-store.js';
export { StoredSessions1700000006100 } from './stored-sessions.migration.js';
