export {
  DenyList,
  type DenyListOptions,
  type KnownUntil,
  type TokenIdentity,
} from './deny-list.js';
export type { ClockComparison } from './issuer-clock.js';
