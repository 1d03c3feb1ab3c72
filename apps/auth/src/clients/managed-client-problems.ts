import { MAX_CLIENT_CREDENTIALS } from '@latchkey/contracts/auth-api';
import { ProblemError } from '@latchkey/service-kit';

export const clientIsConfigured = () =>
  new ProblemError(409, 'client_is_configured', 'The configuration defines this client', {
    detail: 'change OAUTH_CLIENTS and restart the auth service',
  });

export const clientExists = () =>
  new ProblemError(409, 'client_exists', 'A client already has this id', {
    detail: 'choose another id; ids that differ only in case count as the same',
  });

export const tooManyCredentials = () =>
  new ProblemError(
    409,
    'too_many_credentials',
    `A client has at most ${MAX_CLIENT_CREDENTIALS} credentials`,
    { detail: 'remove a credential that the client no longer uses' },
  );

export const credentialExists = () =>
  new ProblemError(409, 'credential_exists', 'The client already has this key');

export const keyWasRevoked = () =>
  new ProblemError(409, 'key_was_revoked', 'This key was revoked', {
    detail: 'create a new key pair',
  });

export const unknownAudience = () =>
  new ProblemError(400, 'unknown_audience', '`exchange` names an unknown service', {
    detail: 'AUDIENCES lists the services; the auth service itself is not possible',
  });

export const unknownScope = () =>
  new ProblemError(400, 'unknown_scope', 'The service does not know a scope', {
    detail: 'AUDIENCES lists the scopes that each service knows; they are case-sensitive',
  });
