export { UserCalls, type CallDetails } from './user-calls.js';
export { ServiceCallsModule, type CalledServices } from './service-calls.module.js';
