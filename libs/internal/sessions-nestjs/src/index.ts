export { CSRF_HEADER } from './csrf-token.js';
export { DEVELOPMENT_COOKIE, SESSION_COOKIE, SessionCookie } from './session-cookie.js';
export { SessionOrTokenGuard } from './session-or-token.guard.js';
export { SessionGuard } from './session.guard.js';
export { type SessionsModuleOptions } from './sessions.module-definition.js';
export { SessionsModule } from './sessions.module.js';
