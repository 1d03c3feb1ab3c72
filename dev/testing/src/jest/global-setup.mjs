export { start as default } from './shared-postgres.mjs';
