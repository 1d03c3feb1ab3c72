import type { SchemaExamples } from '@latchkey/service-kit';
import * as world from './example-world.js';

const { ADA, LOGGED_IN_AT, PLACEHOLDERS, REGISTERED_AT, SCOPE, SESSION, SESSION_ENDS_AT } = world;
const { username, password } = ADA;

const ACCOUNT = {
  id: ADA.id,
  username,
  roles: ['user'],
  scopes: SCOPE.split(' '),
  createdAt: REGISTERED_AT,
};
const USER = { ...ACCOUNT, disabled: false };

const SESSIONS = [
  {
    sid: SESSION,
    current: true,
    createdAt: LOGGED_IN_AT,
    lastUsedAt: '2026-11-30T12:02:40.000Z',
    expiresAt: '2026-12-07T12:02:40.000Z',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    loginAddress: '203.0.113.7',
    lastAddress: '203.0.113.7',
  },
  {
    sid: world.OTHER_SESSION,
    current: false,
    createdAt: '2026-11-29T18:20:00.000Z',
    lastUsedAt: '2026-11-29T18:41:07.000Z',
    expiresAt: '2026-12-06T18:41:07.000Z',
    userAgent: null,
    loginAddress: '2001:db8:0:7::/64',
    lastAddress: null,
  },
];

/** Log-in, accounts and sessions. */
export const ACCOUNT_EXAMPLES: SchemaExamples = {
  RegisterRequest: { 'A new account': { username, password } },
  RegisterReply: { 'Whether or not the name was free': { accepted: true } },
  LoginRequest: {
    'For a program': { username, password },
    'For a page, which keeps the access token in memory': {
      ...{ username, password, refreshTokenDelivery: 'cookie' },
    },
    'For a page without tokens': {
      ...{ username, password, refreshTokenDelivery: 'cookie', accessTokenDelivery: 'cookie' },
    },
  },
  CookieLoginRequest: { 'A log-in with a session cookie': { username, password } },
  TokenReply: {
    'Both tokens in the body': {
      access_token: PLACEHOLDERS.accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      scope: SCOPE,
      refresh_token: PLACEHOLDERS.refreshToken,
    },
    'No refresh token in the body': {
      access_token: PLACEHOLDERS.accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      scope: SCOPE,
    },
  },
  TokenCookieReply: { 'Both tokens in cookies': { expires_in: 300, scope: SCOPE } },
  CookieSessionReply: {
    'The session of the cookie': {
      sid: SESSION,
      subject: ADA.id,
      scope: SCOPE,
      createdAt: LOGGED_IN_AT,
      expiresAt: SESSION_ENDS_AT,
      csrfToken: PLACEHOLDERS.csrfToken,
    },
  },
  ChangePasswordRequest: {
    'A new password': { currentPassword: password, newPassword: `${password} again` },
  },
  AccountReply: { 'The user of the token': ACCOUNT },
  SessionListReply: { 'A browser and another device': { sessions: SESSIONS } },
  LogoutRequest: {
    'With a refresh token, without an access token': { refreshToken: PLACEHOLDERS.refreshToken },
  },
  RevocationPendingReply: {
    'NATS is not reachable now': { recorded: true, accessTokensMayLiveSeconds: 360 },
  },
  ReceiptsReply: {
    'All verifiers reject the tokens': { known: 6, applied: 6, slowestMs: 3.1 },
    'One verifier was too late': { known: 6, applied: 5, slowestMs: 3.1 },
  },
  UserReply: { 'A user': USER },
  UserListReply: {
    'The first page': { users: [USER], next: ADA.id },
    'The last page': { users: [USER] },
  },
  CreateUserRequest: { 'A user with a role': { username, password, roles: ['user'] } },
  UserRolesRequest: { 'One role': { roles: ['user'] }, 'No role': { roles: [] } },
  ResetPasswordRequest: { 'A new password': { password } },
};
