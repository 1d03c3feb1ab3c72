import {
  ACCESS_TOKEN_TYPE_URI,
  CLIENT_ASSERTION_TYPE,
  SESSION_TOKEN_TYPE_URI,
  TOKEN_EXCHANGE_GRANT,
  TRANSACTION_TOKEN_TYPE_URI,
} from '@latchkey/contracts/auth-api';
import type { SchemaExamples } from '@latchkey/service-kit';
import { serverMetadata } from '../keys/jwks/server-metadata.controller.js';
import * as world from './example-world.js';

const { ISSUED_AT, KEY_ID, PAGE_CLIENT, PLACEHOLDERS, SERVICE_CLIENT, SESSION } = world;

const SECRET = { client_id: SERVICE_CLIENT, client_secret: PLACEHOLDERS.clientSecret };
const ASSERTION = {
  client_assertion_type: CLIENT_ASSERTION_TYPE,
  client_assertion: PLACEHOLDERS.clientAssertion,
};
const ISSUED = {
  access_token: PLACEHOLDERS.accessToken,
  token_type: 'Bearer',
  expires_in: 60,
  scope: 'inventory:write',
};

/** Tokens of clients, and what anybody may read. */
const SAME_EVERYWHERE: SchemaExamples = {
  RefreshTokenRequest: {
    'A refresh': {
      grant_type: 'refresh_token',
      refresh_token: PLACEHOLDERS.refreshToken,
      client_id: PAGE_CLIENT,
    },
    'A refresh by cookie': { grant_type: 'refresh_token', client_id: PAGE_CLIENT },
  },
  ClientCredentialsRequest: {
    'A token of the client itself': {
      grant_type: 'client_credentials',
      scope: 'orders:reconcile',
      audience: 'orders',
      ...SECRET,
    },
    'The same with a key': {
      grant_type: 'client_credentials',
      scope: 'orders:reconcile',
      audience: 'orders',
      ...ASSERTION,
    },
  },
  TokenExchangeRequest: {
    'A token to call another service for a user': {
      grant_type: TOKEN_EXCHANGE_GRANT,
      subject_token: PLACEHOLDERS.accessToken,
      subject_token_type: ACCESS_TOKEN_TYPE_URI,
      audience: 'inventory',
      ...SECRET,
    },
    'The same for a session cookie': {
      grant_type: TOKEN_EXCHANGE_GRANT,
      subject_token: 'example-session-cookie',
      subject_token_type: SESSION_TOKEN_TYPE_URI,
      audience: 'inventory',
      ...SECRET,
    },
    'A transaction token': {
      grant_type: TOKEN_EXCHANGE_GRANT,
      requested_token_type: TRANSACTION_TOKEN_TYPE_URI,
      subject_token: PLACEHOLDERS.accessToken,
      subject_token_type: ACCESS_TOKEN_TYPE_URI,
      audience: 'shop.example.com',
      scope: 'inventory:write payments:write',
      request_details: JSON.stringify({ order: world.TRANSACTION }),
      ...SECRET,
    },
  },
  TokenExchangeReply: {
    'An exchanged token': { ...ISSUED, issued_token_type: ACCESS_TOKEN_TYPE_URI },
  },
  TransactionTokenReply: {
    'A transaction token': {
      ...ISSUED,
      access_token: PLACEHOLDERS.transactionToken,
      token_type: 'N_A',
      issued_token_type: TRANSACTION_TOKEN_TYPE_URI,
    },
  },
  PresentedTokenForm: {
    'With a secret': { token: PLACEHOLDERS.accessToken, ...SECRET },
    'With a key': { token: PLACEHOLDERS.accessToken, ...ASSERTION },
  },
  SnapshotForm: { 'With a key': ASSERTION },
  RevocationStatusRequest: {
    'The ids of an access token': {
      jti: world.TOKEN_ID,
      sid: SESSION,
      sub: world.ADA.id,
      client_id: PAGE_CLIENT,
      iat: ISSUED_AT,
      kid: KEY_ID,
    },
  },
  RevocationStatusReply: {
    'Its user has logged out': {
      revoked: true,
      at: world.LOGGED_OUT_AT,
      reason: 'logout',
      by: 'user',
      asOf: world.LATER,
      verifiers: { known: 6, applied: 6 },
    },
    'Not revoked': { revoked: false, asOf: world.LATER, verifiers: { known: 6, applied: 6 } },
    'Not known here': {
      revoked: null,
      reason: 'not_recorded',
      asOf: world.LATER,
      verifiers: { known: 6, applied: 6 },
    },
  },
  KeySet: {
    'One key': {
      keys: [
        {
          kty: 'RSA',
          n: PLACEHOLDERS.modulus,
          e: 'AQAB',
          alg: 'RS256',
          use: 'sig',
          kid: KEY_ID,
        },
      ],
    },
  },
};

/** The endpoints for OAuth clients, and what anybody may read. */
export const oauthExamples = (issuer: string): SchemaExamples => ({
  ...SAME_EVERYWHERE,
  IntrospectTokenReply: {
    'A live token': {
      active: true,
      token_type: 'Bearer',
      iss: issuer,
      sub: world.ADA.id,
      aud: [issuer, 'orders'],
      exp: ISSUED_AT + 300,
      iat: ISSUED_AT,
      jti: world.TOKEN_ID,
      client_id: PAGE_CLIENT,
      scope: world.SCOPE,
      username: world.ADA.username,
      sid: SESSION,
    },
    'A token that is revoked, expired or unknown': { active: false },
  },
  ServerMetadataReply: { 'The metadata': serverMetadata(issuer) },
});
