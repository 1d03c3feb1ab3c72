export { stop as default } from './shared-postgres.mjs';
