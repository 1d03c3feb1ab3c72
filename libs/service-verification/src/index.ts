export {
  ServiceVerificationModule,
  type ServiceVerificationOptions,
} from './service-verification.module.js';
export { verificationEnvironment } from './verification-environment.js';
