import type { SchemaExamples } from '@latchkey/service-kit';
import * as world from './example-world.js';

const { ADMINISTRATOR, CREDENTIAL, KEY_ID, PLACEHOLDERS, REGISTERED_AT, SERVICE_CLIENT } = world;

/** The public key of RFC 8037 appendix A.2. */
const JWK = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwaaPJHURo0' };

const PERMISSIONS = { scopes: ['orders:reconcile'], exchange: { inventory: ['inventory:read'] } };
const SECRET = { kind: 'secret', id: CREDENTIAL, createdAt: REGISTERED_AT };
const KEY = { kind: 'key', id: CREDENTIAL, createdAt: REGISTERED_AT, keyId: KEY_ID };
const CLIENT = {
  clientId: SERVICE_CLIENT,
  source: 'managed',
  ...PERMISSIONS,
  credentials: [SECRET],
  createdAt: REGISTERED_AT,
};
const CONFIGURED = {
  clientId: 'orders',
  source: 'configuration',
  scopes: [],
  exchange: { inventory: null, payments: null },
  credentials: [{ kind: 'secret' }],
};

const AUDIT_PAGE = {
  events: [
    {
      id: '0193b2a8-0d7a-7e3c-9b1d-2c3d4e5f6a7b',
      at: world.LOGGED_OUT_AT,
      event: 'logout',
      subject: world.ADA.id,
      address: '203.0.113.7',
      requestId: '0193b2a8-0d66-7abc-8def-0123456789ab',
      details: { sessionId: world.SESSION },
    },
    {
      id: '0193b2a5-11d8-7c4b-8a2e-1b2c3d4e5f60',
      at: world.LOGGED_IN_AT,
      event: 'login',
      subject: world.ADA.id,
      client: world.PAGE_CLIENT,
      address: '203.0.113.7',
      requestId: world.REQUEST,
      details: { sessionId: world.SESSION, credential: 'tokens' },
    },
    {
      id: '0193b2a1-6f10-7d2a-b3c4-d5e6f7a8b9c0',
      at: '2026-11-30T11:56:02.310Z',
      event: 'user_roles_changed',
      subject: world.ADA.id,
      by: ADMINISTRATOR,
      details: { roles: ['user'] },
    },
  ],
};

/** The routes for administrators, except those for users. */
export const ADMIN_EXAMPLES: SchemaExamples = {
  AuditListReply: {
    'The last page': AUDIT_PAGE,
    'A page that another follows': { ...AUDIT_PAGE, next: AUDIT_PAGE.events.at(-1)?.id },
  },
  NewClientRequest: {
    'A client with a secret': { clientId: SERVICE_CLIENT, ...PERMISSIONS },
    'A client with a key': { clientId: SERVICE_CLIENT, ...PERMISSIONS, jwks: { keys: [JWK] } },
  },
  ClientChangeRequest: { 'Other scopes': { scopes: ['orders:reconcile', 'orders:read'] } },
  AddCredentialRequest: { 'Another secret': {}, 'Another key': { jwk: JWK } },
  ClientReply: { 'A client with a secret': CLIENT },
  ClientListReply: { 'A configured and a managed client': { clients: [CONFIGURED, CLIENT] } },
  NewClientReply: {
    'A client with a secret': { ...CLIENT, clientSecret: PLACEHOLDERS.clientSecret },
    'A client with a key': { ...CLIENT, credentials: [KEY] },
  },
  NewCredentialReply: {
    'A secret': { ...SECRET, clientSecret: PLACEHOLDERS.clientSecret },
    'A key': KEY,
  },
  SigningKeyListReply: {
    'One key signs, and the next is published': {
      keys: [
        { keyId: 'example-next-key', state: 'pending', since: world.LOGGED_IN_AT },
        { keyId: KEY_ID, state: 'active', since: REGISTERED_AT },
      ],
    },
  },
  KeyRotationReply: { 'The key that signs now': { keyId: 'example-next-key' } },
};
