export * from './access-token-claims.js';
export * from './errors.js';
export * from './event-signing.js';
export * from './in-memory-signing-key-store.js';
export * from './key-encryption.js';
export type { KeyPolicy } from './key-lifecycle.js';
export * from './key-ring.js';
export * from './signing-key-store.js';
export * from './signing-key.js';
