import { jest } from '@jest/globals';
import { DenyList } from '@latchkey/deny-list';
import { generateKeyPairSync } from 'node:crypto';
import { createRevocationFeed } from './index.js';

const SECRET = 'hunter2';
const { privateKey } = generateKeyPairSync('ed25519');
const SNAPSHOT = {
  url: 'https://auth.test/revocations/snapshot',
  clientId: 'a',
  authentication: { clientSecret: SECRET },
};
const VALID = {
  servers: 'nats://127.0.0.1:1',
  denyList: new DenyList(),
  verifyEvent: () => Promise.resolve(),
};
const create = (more: object) => createRevocationFeed({ ...VALID, ...more });
/** Ignores the cause, which `toThrow` compares too. */
const typeError = (message: string) =>
  expect.objectContaining({ name: 'TypeError', message }) as Error;

describe('createRevocationFeed', () => {
  afterEach(() => jest.restoreAllMocks());

  it.each<[object, string]>([
    [{ servers: undefined }, 'servers must be a non-empty string; it is missing'],
    [
      { servers: 'nats.test' },
      'servers must be comma-separated URLs such as nats://host:4222 or tls://host:4222',
    ],
    [{ denyList: undefined }, 'denyList must be a DenyList of @latchkey/deny-list; it is missing'],
    [{ denyList: {} }, 'denyList must be a DenyList of @latchkey/deny-list; it is an object'],
    [{ verifyEvent: undefined }, 'verifyEvent must be a function; it is missing'],
    [{ onEvent: 'log' }, 'onEvent must be a function; it is the string "log"'],
    [{ name: 5 }, 'name must be a non-empty string; it is 5'],
    [{ snapshot: 'auth' }, 'snapshot must be an object; it is the string "auth"'],
    [{ snapshot: SNAPSHOT }, 'verifySnapshot is missing; snapshot requires it'],
    [
      { snapshot: { ...SNAPSHOT, url: '/revocations' } },
      'snapshot.url must be an http or https URL; it is another string',
    ],
    [
      { snapshot: { ...SNAPSHOT, clientId: undefined } },
      'snapshot.clientId must be a non-empty string; it is missing',
    ],
    [
      { snapshot: { ...SNAPSHOT, authentication: { clientSecret: '' } } },
      'snapshot.authentication.clientSecret must be a non-empty string; it is an empty string',
    ],
    [
      { snapshot: { ...SNAPSHOT, authentication: SECRET } },
      'snapshot.authentication must be an object with either clientSecret or privateKey; it is another string',
    ],
    [
      { snapshot: { ...SNAPSHOT, authentication: { privateKey: SECRET } } },
      'snapshot.authentication.privateKey must be an unencrypted private key, in PEM (PKCS #8) or as a JWK',
    ],
    [
      { snapshot: { ...SNAPSHOT, authentication: { privateKey } } },
      'snapshot.issuer is missing; snapshot.authentication.privateKey requires it',
    ],
    [
      { snapshot: { ...SNAPSHOT, issuer: '' } },
      'snapshot.issuer must be a non-empty string; it is an empty string',
    ],
    [
      { snapshot: { ...SNAPSHOT, timeoutSeconds: '30' } },
      'snapshot.timeoutSeconds must be a positive number of seconds, at most 2147483 (24 days); it is the string "30"',
    ],
    [{ snapshot: SNAPSHOT, verifySnapshot: true }, 'verifySnapshot must be a function; it is true'],
  ])('names the option that is missing or invalid: %j', (more, message) => {
    expect(() => create(more)).toThrow(typeError(message));
  });

  it('says that the options are missing', () => {
    expect(() => createRevocationFeed(undefined as never)).toThrow(
      new TypeError('options must be an object; it is missing'),
    );
  });

  it('accepts a snapshot URL as a string or a URL', () => {
    const verifySnapshot = VALID.verifyEvent;
    for (const url of [SNAPSHOT.url, new URL(SNAPSHOT.url)])
      expect(create({ snapshot: { ...SNAPSHOT, url }, verifySnapshot }).state).toEqual({
        ...{ phase: 'disconnected', connected: false, loaded: false },
        ...{ sequence: 0, epoch: undefined, eventsRefused: 0, gapsRepaired: 0 },
      });
  });
});
