import { z } from 'zod';
import { ScopeToken } from './admin.js';

/** Scopes of a client. The scopes of the auth service are for users, because only they may administer it. */
export const ClientScopes = z.array(
  ScopeToken.refine((scope) => !scope.startsWith('auth:'), 'is for users only'),
);

const Audience = z.string().min(1);

/**
 * The services for which a client may exchange a user's token: their names alone, for all scopes that
 * each knows, or with the scopes that the client may ask for.
 */
export const ExchangeTargets = z.union([
  z.array(Audience),
  z.record(Audience, ClientScopes.min(1)),
]);
export type ExchangeTargets = z.infer<typeof ExchangeTargets>;
