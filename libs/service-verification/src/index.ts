export {
  ServiceVerificationModule,
  type VerificationConfig,
} from './service-verification.module.js';
export { checkVerification, verificationEnvironment } from './verification-environment.js';
