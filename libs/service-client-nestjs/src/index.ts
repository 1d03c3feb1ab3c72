export { InjectServiceClient, serviceClientToken } from './inject-service-client.js';
export { ServiceCallException, toServiceCallException } from './service-call.exception.js';
export { ServiceCallInterceptor } from './service-call.interceptor.js';
export {
  type CalledService,
  type ServiceTokensModuleOptions,
} from './service-tokens.module-definition.js';
export {
  ServiceTokensModule,
  type ServiceTokensModuleAsyncOptions,
} from './service-tokens.module.js';
