export { ServiceCallsModule, type CalledServices } from './service-calls.module.js';
