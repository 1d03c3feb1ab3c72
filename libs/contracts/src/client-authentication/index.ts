export * from './client-authentication.js';
export {
  readClientPrivateKey,
  type AssertionAlgorithm,
  type ClientPrivateKey,
  type PrivateKeyInput,
} from './client-private-key.js';
