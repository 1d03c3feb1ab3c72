import {
  AuthClient,
  TRANSACTION_TOKENS,
  type Credentials,
  type LatchkeyStack,
  type RunningStackOptions,
} from '@latchkey/local-stack';
import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ACCEPTED_EVERYWHERE, refusedEverywhere, statusesEverywhere } from './everywhere.js';

declare global {
  /** Set by the test environment, dev/testing/src/jest/stack-environment.mjs. */
  var latchkeySharedStack: {
    current(options: RunningStackOptions): Promise<LatchkeyStack>;
    replace(options: RunningStackOptions): Promise<LatchkeyStack>;
  };
}

/** A confidential OAuth client of the shared stack. */
export interface SharedClient {
  readonly id: string;
  readonly secret: string;
  readonly scopes: readonly string[];
}

const SECRET = 'a secret of high entropy';
const SCOPES = ['orders:read', 'inventory:read', 'payments:read'];

export const ROBOT: SharedClient = { id: 'robot', secret: SECRET, scopes: SCOPES };
/** One test revokes it for good. */
export const DOOMED: SharedClient = { ...ROBOT, id: 'doomed' };
/** Its secret contains characters that must be encoded (RFC 6749 §2.3.1). */
export const REPORTS: SharedClient = {
  id: 'reports',
  secret: 'per%cent + colon: & é',
  scopes: ['orders:read'],
};

/**
 * Further secrets of two services, with which they may also read for users, so that a test can get an exchanged token for
 * every service and try it on the same routes as all others.
 */
export const READERS = {
  orders: { inventory: ['inventory:read'], payments: ['payments:read'] },
  inventory: { orders: ['orders:read'] },
} as const;
export const READER_SECRET = SECRET;

/** A further secret of the spare service, as if that were in front of all others: it may call them for users. */
export const EDGE: Credentials = { name: 'spare', secret: SECRET };

/** Encrypts the signing keys, so that a test can sign with auth's own key what auth would never sign. */
export const KEY_ENCRYPTION_KEY = Buffer.alloc(32, 'shared stack').toString('base64url');

/** The built console, which `npm run build` makes. */
export const CONSOLE_DIRECTORY = fileURLToPath(
  new URL('../../../apps/console/dist', import.meta.url),
);

const sha256 = (secret: string) => createHash('sha256').update(secret).digest('hex');

const OPTIONS: RunningStackOptions = {
  env: {
    // The cooldown outlasts the tests, so each verifier may fetch keys for an unknown kid only once.
    all: { JWKS_COOLDOWN_SECONDS: '600' },
    // The services exchange tokens; a test can start further ones that begin transactions.
    auth: {
      KEY_ENCRYPTION_KEY,
      TRUST_DOMAIN: TRANSACTION_TOKENS.TRUST_DOMAIN,
      CONSOLE_DIRECTORY,
    },
    // Short, so that tests of crashes do not take long.
    orders: { ORDER_LEASE_SECONDS: '6' },
  },
  furtherClients: [
    ...[ROBOT, DOOMED, REPORTS].map(({ id, secret, scopes }) => ({
      clientId: id,
      secretSha256: sha256(secret),
      scopes,
    })),
    ...Object.entries(READERS).map(([clientId, exchange]) => ({
      clientId,
      secretSha256: sha256(READER_SECRET),
      exchange,
    })),
    { clientId: EDGE.name, secretSha256: sha256(EDGE.secret) },
  ],
};

const ANSWERS_WITHIN_MILLISECONDS = 10_000;

/**
 * The stack that test files share, because each start takes ten seconds. Each test uses its own users,
 * and a test that stops a part starts it again. If an earlier file has left the stack broken, this
 * starts another one.
 */
export async function sharedStack(): Promise<LatchkeyStack> {
  const stack = await globalThis.latchkeySharedStack.current(OPTIONS);
  const fault = await Promise.race([faultOf(stack), tooLate()]);
  if (fault === undefined) return stack;
  process.emitWarning(`an earlier test file left the shared stack broken: ${fault}`);
  return globalThis.latchkeySharedStack.replace(OPTIONS);
}

/** @returns undefined if a log-out reaches every service */
async function faultOf(stack: LatchkeyStack): Promise<string | undefined> {
  try {
    const auth = new AuthClient(stack.issuer);
    const account = { username: `user-${randomUUID()}`, password: randomUUID() };
    await auth.register(account);
    const { access_token: token } = await auth.logIn(account);
    const statuses = await statusesEverywhere(stack, token);
    if (statuses.join() !== ACCEPTED_EVERYWHERE.join())
      return `requests with a token returned ${statuses.join()}`;
    await auth.logOut(token);
    await refusedEverywhere(stack, token);
    return undefined;
  } catch (error) {
    return String(error);
  }
}

const tooLate = () => delay(ANSWERS_WITHIN_MILLISECONDS, 'a part does not answer', { ref: false });
