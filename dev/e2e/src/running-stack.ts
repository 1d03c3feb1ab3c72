export { startStack, type RunningStack } from '@latchkey/local-stack';
