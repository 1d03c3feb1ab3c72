export type * from './decoded-token.js';
export { decodeToken } from './decode/decode-token.js';
export { mediaTypeOf } from './decode/token-kind.js';
export { findTokens } from './find/find-tokens.js';
export type * from './find/found-token.js';
export type {
  JsonDocument,
  JsonFault,
  JsonFaultCode,
  JsonMember,
  JsonNode,
  JsonPosition,
} from './json/json-document.js';
export { durationOf, instantOf } from './judge/durations.js';
export { judgeToken } from './judge/judge-token.js';
export type * from './judge/judgement.js';
export { revocationIdsOf, type RevocationIds } from './judge/revocation-ids.js';
export type * from './keys/key.js';
export { readKeys } from './keys/read-keys.js';
export { DEFAULT_CLOCK_TOLERANCE_SECONDS, MAX_TEXT_CHARACTERS } from './limits.js';
export { explainClaim, explainHeaderMember, type Explanation } from './texts/explanations.js';
export { describeKind, type KindText } from './texts/kinds.js';
