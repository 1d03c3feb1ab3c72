import type { Problem } from '@latchkey/contracts';
import {
  duplicateHeader,
  notFound,
  problemOf,
  ProblemError,
  unavailable,
  type ErrorExamples,
} from '@latchkey/service-kit';
import {
  AccessTokenCookie,
  AccessTokenException,
  insufficientScope,
} from '@latchkey/verifier-nestjs';
import { assertNotCrossOrigin } from '@latchkey/verifier-nestjs/guards';
import { tooManyAttempts } from '../accounts/throttling/login-throttle.js';
import { tooManyRegistrations } from '../accounts/throttling/registration-throttle.js';
import { tooManyRevokedKeys } from '../admin/signing-key-revocation.js';
import { notPublishedLongEnough } from '../admin/signing-keys.controller.js';
import {
  lastAdministrator,
  unknownRoles,
  usernameTaken,
} from '../admin/users/admin-users.service.js';
import { invalidClient } from '../clients/invalid-client.js';
import * as clients from '../clients/managed-client-problems.js';
import { oauthErrorOf } from '../oauth/oauth-wire.js';
import { ADMIN_SCOPE } from '../platform/settings.js';
import { wrongPassword } from '../sessions/change-password/change-password.service.js';
import { invalidCredentials } from '../sessions/login/login.service.js';
import { missingCredential } from '../sessions/logout/presented-sessions.js';
import { invalidGrant } from '../sessions/refresh/refresh.service.js';

const oauth = (problem: ProblemError) => oauthErrorOf(problemOf(problem));

const DATABASE_DOWN = unavailable('database_unavailable', 'The database cannot be reached');
const STORE_DOWN = unavailable('session_store_unavailable', 'The session store does not answer');
const MISSING_SESSION = new ProblemError(401, 'missing_session', 'A session cookie is required');

/** The answer to a page whose origin may not use the cookie. */
function crossOrigin(): Problem {
  const cookie = new AccessTokenCookie(['https://shop.example.com']);
  try {
    assertNotCrossOrigin({ headers: { origin: 'https://elsewhere.example' } }, cookie);
  } catch (error) {
    if (error instanceof AccessTokenException) return problemOf(error);
    throw error;
  }
  throw new Error('A cross-origin request passed');
}

/** The same error at several operations. */
const at = (operations: readonly string[], status: number | 'default', body: object) =>
  Object.fromEntries(operations.map((operation) => [`${operation} ${status}`, body]));

const SNAPSHOTS = ['getSnapshot', 'getSnapshotByForm'];
const CLIENT_ENDPOINTS = ['getToken', 'revokeToken', 'introspectToken', ...SNAPSHOTS];
const CHANGING_A_COOKIE = ['getTokenOfCookieSession', 'endCookieSession'];
const OF_A_COOKIE = ['getCookieSession', ...CHANGING_A_COOKIE];
const LOG_INS = ['logIn', 'logInWithCookie'];

/** The errors of auth: what its own code throws. */
export const ERROR_EXAMPLES: ErrorExamples = {
  403: problemOf(insufficientScope([ADMIN_SCOPE])),
  429: problemOf(tooManyAttempts(8)),

  ...at(LOG_INS, 401, problemOf(invalidCredentials())),
  ...at([...LOG_INS, ...CHANGING_A_COOKIE], 403, crossOrigin()),
  'register 429': problemOf(tooManyRegistrations(360)),
  'changePassword 403': problemOf(wrongPassword()),
  ...at(['logOut', 'logOutEverywhere'], 401, problemOf(missingCredential())),
  ...at(OF_A_COOKIE, 401, problemOf(MISSING_SESSION)),
  ...at([...OF_A_COOKIE, 'logInWithCookie'], 503, problemOf(STORE_DOWN)),

  ...at(['endSession', 'endAnySession'], 404, problemOf(notFound('session'))),
  'getAccount 404': problemOf(notFound('account')),
  ...at(
    [
      ...['getUser', 'setRoles', 'resetPassword', 'disableUser', 'enableUser'],
      ...['listSessionsOfUser', 'endSessionsOfUser'],
    ],
    404,
    problemOf(notFound('user')),
  ),
  'createUser 409': problemOf(usernameTaken()),
  ...at(['setRoles', 'disableUser'], 409, problemOf(lastAdministrator())),
  422: problemOf(unknownRoles([0], 'the known roles are admin, user')),

  ...at(
    ['getClient', 'changeClient', 'addCredential', 'deleteClient', 'revokeClient'],
    404,
    problemOf(notFound('client')),
  ),
  'deleteCredential 404': problemOf(notFound('credential')),
  'createClient 409': problemOf(clients.clientExists()),
  'addCredential 409': problemOf(clients.tooManyCredentials()),
  ...at(
    ['changeClient', 'deleteCredential', 'deleteClient'],
    409,
    problemOf(clients.clientIsConfigured()),
  ),
  'revokeSigningKey 404': problemOf(notFound('signing_key')),
  'revokeSigningKey 429': problemOf(tooManyRevokedKeys(180)),
  'rotateSigningKey 409': problemOf(notPublishedLongEnough(42)),

  ...at(CLIENT_ENDPOINTS, 400, oauth(new ProblemError(400, 'invalid_request', 'token is missing'))),
  ...at(SNAPSHOTS, 400, oauth(duplicateHeader('authorization'))),
  'getToken 400': oauth(invalidGrant()),
  ...at(CLIENT_ENDPOINTS, 401, oauth(invalidClient())),
  ...at(SNAPSHOTS, 503, oauth(DATABASE_DOWN)),
  ...at(CLIENT_ENDPOINTS, 'default', oauth(DATABASE_DOWN)),
  'getKeySet 503': problemOf(unavailable('keys_not_loaded', 'Signing keys are not loaded yet')),
};
