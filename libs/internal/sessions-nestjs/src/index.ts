export { SessionCookie } from './session-cookie.js';
export { SessionOrTokenGuard } from './session-or-token.guard.js';
export { SessionGuard } from './session.guard.js';
export { type SessionsModuleOptions } from './sessions.module-definition.js';
export { SessionsModule } from './sessions.module.js';
