import { readClientAuthentication } from '@latchkey/contracts/client-authentication';
import { loadConfig } from '@latchkey/service-kit';
import { describeEnvironment } from '@latchkey/service-kit/suite';
import { decodeProtectedHeader } from 'jose';
import { inspect } from 'node:util';
import { z } from 'zod';
import { CLIENT_KEYS, clientRows } from '../test/client-environment.suite.js';
import { clientEnvironment, clientOf, clientRules } from './client-environment.js';

const Environment = z.object(clientEnvironment).check(...clientRules);
const read = (env: Record<string, string>) => loadConfig(Environment, env);
const { pem, jwk, encrypted, tooShort } = CLIENT_KEYS;
const byKey = { CLIENT_ID: 'orders', CLIENT_PRIVATE_KEY: pem };

describe('the credentials of a service', () => {
  describeEnvironment(Environment, clientRows, {});

  it.each<[string, Record<string, string>, string]>([
    [
      'an id alone',
      { CLIENT_ID: 'orders' },
      'CLIENT_SECRET is not set: CLIENT_ID requires it, or CLIENT_PRIVATE_KEY in its place',
    ],
    [
      'a secret and a key',
      { ...byKey, CLIENT_SECRET: 'hunter2' },
      'CLIENT_PRIVATE_KEY is wrong: cannot be combined with CLIENT_SECRET: set one of them',
    ],
    [
      'a secret alone',
      { CLIENT_SECRET: 'hunter2' },
      'CLIENT_ID is not set: CLIENT_SECRET requires it',
    ],
    [
      'a key alone',
      { CLIENT_PRIVATE_KEY: pem },
      'CLIENT_ID is not set: CLIENT_PRIVATE_KEY requires it',
    ],
    [
      'a key id with a secret',
      { CLIENT_ID: 'orders', CLIENT_SECRET: 'hunter2', CLIENT_KEY_ID: 'k1' },
      'CLIENT_PRIVATE_KEY is not set: CLIENT_KEY_ID requires it',
    ],
    ...CLIENT_KEYS.public.map((key): [string, Record<string, string>, string] => [
      'a public key',
      { CLIENT_ID: 'orders', CLIENT_PRIVATE_KEY: key },
      'CLIENT_PRIVATE_KEY is wrong: is a public key; set the private key that belongs to it',
    ]),
    [
      'an encrypted key',
      { CLIENT_ID: 'orders', CLIENT_PRIVATE_KEY: encrypted },
      'CLIENT_PRIVATE_KEY is wrong: is encrypted; decrypt it, for example with openssl pkcs8',
    ],
    [
      'a key that is too short',
      { CLIENT_ID: 'orders', CLIENT_PRIVATE_KEY: tooShort },
      'CLIENT_PRIVATE_KEY is wrong: is an RSA key of 1024 bits; use at least 2048',
    ],
  ])('cannot be %s', (_, env, message) => {
    expect(() => read(env)).toThrow(`${message}`);
    expect(() => read(env)).not.toThrow(/hunter2|BEGIN/);
  });

  it.each([
    ['that of the JWK', { CLIENT_PRIVATE_KEY: jwk }, 'k1'],
    ['CLIENT_KEY_ID', { CLIENT_PRIVATE_KEY: jwk, CLIENT_KEY_ID: 'k2' }, 'k2'],
    ['none', { CLIENT_PRIVATE_KEY: pem }, undefined],
  ])('have as key id: %s', async (_, env, kid) => {
    const client = clientOf(read({ CLIENT_ID: 'orders', ...env }));
    const { prove } = readClientAuthentication('authentication', client?.authentication, {
      clientId: 'orders',
      issuer: 'https://auth.test',
    });
    const { client_assertion: assertion = '' } = (await prove()).form;
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'ES256', ...(kid && { kid }) });
  });

  it('cannot be printed once they are read', () => {
    const { d = '' } = JSON.parse(jwk) as { d?: string };
    for (const key of [pem, jwk]) {
      const config = read({ ...byKey, CLIENT_PRIVATE_KEY: key });
      const shown = inspect(config, { depth: null, showHidden: true }) + JSON.stringify(config);
      for (const secret of [d, pem.split('\n')[1]!]) expect(shown).not.toContain(secret);
    }
  });

  it('are absent without CLIENT_ID', () => {
    expect(clientOf(read({}))).toBeUndefined();
  });
});
