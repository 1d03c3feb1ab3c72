export * from './admin.js';
export * from './clients.js';
export * from './login.js';
export * from './oauth.js';
export { ChangePasswordRequest, PASSWORD_BYTES } from './password.js';
export * from './registration.js';
export * from './sessions.js';
export * from './username.js';
export * from './users.js';
