export {
  ServiceVerificationModule,
  type VerificationConfig,
} from './service-verification.module.js';
export { verificationEnvironment } from './verification-environment.js';
