import { z } from 'zod';
import { PresentedPassword } from './password.js';
import { Username } from './username.js';

/** Where a login delivers a token: in the response body, or in a `__Host-` HttpOnly cookie. */
export const TokenDelivery = z.enum(['body', 'cookie']);
export type TokenDelivery = z.infer<typeof TokenDelivery>;

/** The refresh token's cookie. The prefix binds it to one host and to HTTPS (RFC 6265bis §4.1.3.2). */
export const REFRESH_COOKIE = '__Host-latchkey-refresh';

const LoginCredentials = z.strictObject({ username: Username, password: PresentedPassword });

/** `POST /login`. Returns {@link TokenReply}, or {@link TokenCookieReply} and a cookie. */
export const LoginRequest = LoginCredentials.extend({
  refreshTokenDelivery: TokenDelivery.default('body'),
  accessTokenDelivery: TokenDelivery.default('body'),
}).refine(
  // A script with the refresh token could obtain the access tokens that the cookie is to protect.
  (request) => request.accessTokenDelivery === 'body' || request.refreshTokenDelivery === 'cookie',
  { path: ['accessTokenDelivery'], message: 'requires refreshTokenDelivery "cookie"' },
);
export type LoginRequest = z.infer<typeof LoginRequest>;

/** `POST /session/login`. Returns {@link CookieSessionReply} and a session cookie. */
export const CookieLoginRequest = LoginCredentials;
export type CookieLoginRequest = z.infer<typeof CookieLoginRequest>;
