export * from './errors.js';
export type * from './principal.js';
export type * from './revocation-check.js';
export type * from './verifier-options.js';
