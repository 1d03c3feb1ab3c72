export { DenyList, type DenyListOptions, type TokenIdentity } from './deny-list.js';
