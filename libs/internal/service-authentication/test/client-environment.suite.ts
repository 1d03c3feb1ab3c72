import { readClientPrivateKey } from '@latchkey/contracts/client-authentication';
import { NAME, type VariableRows } from '@latchkey/service-kit/suite';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { clientEnvironment } from '../src/client-environment.js';

const pem = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const onCurve = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

const { privateKey, publicKey } = onCurve('P-256');
const jwk = privateKey.export({ format: 'jwk' });
const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as const;
const rsa = generateKeyPairSync('rsa', { modulusLength: 1_024 });

/** Private keys in every spelling, and what must not be set in their place. */
export const CLIENT_KEYS = {
  pem: pem(privateKey),
  jwk: JSON.stringify({ ...jwk, kid: 'k1' }),
  public: [
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    JSON.stringify(publicKey.export({ format: 'jwk' })),
  ],
  encrypted: privateKey.export(encrypted).toString(),
  tooShort: pem(rsa.privateKey),
} as const;

/** Valid and invalid values of the variables of `clientEnvironment`. */
export const clientRows: VariableRows<typeof clientEnvironment> = {
  CLIENT_ID: {
    good: 'orders',
    ...NAME,
    with: { CLIENT_SECRET: 'hunter2' },
  },
  CLIENT_SECRET: {
    good: 'hunter2',
    wrongType: 'none',
    outOfRange: 'none',
    with: { CLIENT_ID: 'orders' },
  },
  CLIENT_PRIVATE_KEY: {
    good: CLIENT_KEYS.pem,
    reads: {
      privateKey: readClientPrivateKey(CLIENT_KEYS.pem).key,
      algorithm: 'ES256',
      keyId: undefined,
    },
    wrongType: [
      'hunter2',
      '{',
      '{"kty":"EC"}',
      '{"kty":"oct","k":"hunter2"}',
      CLIENT_KEYS.pem.slice(0, -40),
      CLIENT_KEYS.encrypted,
      ...CLIENT_KEYS.public,
    ],
    outOfRange: [
      CLIENT_KEYS.tooShort,
      pem(onCurve('P-384').privateKey),
      pem(onCurve('secp256k1').privateKey),
      pem(generateKeyPairSync('x25519').privateKey),
      JSON.stringify({ ...jwk, alg: 'RS256' }),
    ],
    with: { CLIENT_ID: 'orders', CLIENT_SECRET: '' },
  },
  CLIENT_KEY_ID: {
    good: 'k1',
    ...NAME,
    with: { CLIENT_ID: 'orders', CLIENT_SECRET: '', CLIENT_PRIVATE_KEY: CLIENT_KEYS.pem },
  },
};
