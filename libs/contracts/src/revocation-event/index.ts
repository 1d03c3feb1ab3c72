export { RevocationEventClaims } from './event-claims.js';
export * from './event-types.js';
export * from './read-event-claims.js';
export * from './to-event-claims.js';
