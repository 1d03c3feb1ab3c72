export * from './errors.js';
export type { KeySetReport } from './key-set.js';
export type * from './principal.js';
export type * from './revocation-check.js';
export type { IgnoredKey } from './verification-key.js';
export type { SignatureCacheReport } from './signature-cache.js';
export type { VerificationReport } from './verification-counts.js';
export type * from './verifier-options.js';
export { createVerifier, Verifier, type SignedEvent, type TrustReport } from './verifier.js';
