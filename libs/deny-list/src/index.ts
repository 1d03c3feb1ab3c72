export { DenyList, type DenyListOptions, type WatermarkStatement } from './deny-list.js';
export type { ClockComparison } from './issuer-clock.js';
export type { TokenIdentity } from './token-identity.js';
