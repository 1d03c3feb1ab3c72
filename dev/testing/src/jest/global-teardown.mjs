import { stop as stopPostgres } from './shared-postgres.mjs';
import { stop as stopStack } from './shared-stack.mjs';

export default () => Promise.all([stopStack(), stopPostgres()]);
