export {
  ServiceVerificationModule,
  type VerificationConfig,
} from './service-verification.module.js';
export { verificationEnvironment, verificationRules } from './verification-environment.js';
