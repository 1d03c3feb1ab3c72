import { MAX_CLIENT_CREDENTIALS } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';

export const clientNotFound = () =>
  new ProblemError(404, 'client_not_found', 'There is no such client');

export const credentialNotFound = () =>
  new ProblemError(404, 'credential_not_found', 'The client has no such credential');

export const clientIsConfigured = () =>
  new ProblemError(409, 'client_is_configured', 'The configuration defines this client', {
    detail: 'change OAUTH_CLIENTS and restart the auth service',
  });

export const clientExists = () =>
  new ProblemError(409, 'client_exists', 'There is a client of this id', {
    detail: 'ids that differ only in case count as the same: choose another one',
  });

export const tooManyCredentials = () =>
  new ProblemError(
    409,
    'too_many_credentials',
    `A client has at most ${MAX_CLIENT_CREDENTIALS} credentials`,
    { detail: 'remove one that is no longer used' },
  );

export const credentialExists = () =>
  new ProblemError(409, 'credential_exists', 'The client has this key already');

export const keyWasRevoked = () =>
  new ProblemError(409, 'key_was_revoked', 'This key was revoked', {
    detail: 'create a new key pair',
  });

export const unknownAudience = () =>
  new ProblemError(400, 'unknown_audience', 'exchange names an unknown service', {
    detail: 'only services in AUDIENCES are possible, other than the auth service',
  });

export const unknownScope = () =>
  new ProblemError(400, 'unknown_scope', 'A scope is unknown to the service that it is for', {
    detail: 'AUDIENCES lists the scopes that each service knows; they are case-sensitive',
  });
