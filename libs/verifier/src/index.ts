export type { Warning } from '@latchkey/contracts';
export * from './errors.js';
export type { KeySetReport } from './keys/key-set.js';
export type * from './principal.js';
export type * from './revocation-check.js';
export type { IgnoredKey } from './keys/verification-key.js';
export type { SignatureCacheReport } from './signature-cache.js';
export {
  setSubjectToken,
  SubjectToken,
  subjectTokenOf,
  type SubjectTokenType,
} from './subject-token.js';
export type { GateReport } from './token-gate.js';
export type { VerificationReport } from './verification-counts.js';
export type * from './verifier-options.js';
export { createVerifier, Verifier, type SignedEvent, type VerifierStatus } from './verifier.js';
