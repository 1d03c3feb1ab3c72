import { ACCESS_TOKEN_TYPE } from '@latchkey/contracts';
import { KeyEncryption } from '@latchkey/issuer';
import { decodeUnverified, type LatchkeyStack } from '@latchkey/local-stack';
import { SignJWT, type JWTPayload } from 'jose';
import { createPrivateKey, randomUUID } from 'node:crypto';
import pg from 'pg';
import { KEY_ENCRYPTION_KEY } from '../../src/shared-stack.js';

interface StoredKey {
  readonly kid: string;
  readonly key: Buffer;
}

/**
 * Signs with the key of the auth service itself. What it returns differs from a valid access token of the user in
 * nothing but its type, so nothing else can be the reason for which it is refused.
 *
 * @param like an access token
 */
export async function signByAuth(
  { postgres }: LatchkeyStack,
  like: string,
  typ: string = ACCESS_TOKEN_TYPE,
): Promise<string> {
  const { kid, key } = await activeKey(postgres.url('auth'));
  const encryption = new KeyEncryption(Buffer.from(KEY_ENCRYPTION_KEY, 'base64url'));
  const der = Buffer.from(encryption.decrypt(kid, key).plaintext);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const claims = { ...decodeUnverified(like).claims, jti: randomUUID() };
  return new SignJWT(claims as unknown as JWTPayload)
    .setProtectedHeader({ alg: 'RS256', kid, typ })
    .sign(privateKey);
}

async function activeKey(connectionString: string): Promise<StoredKey> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<StoredKey>(
      `SELECT kid, encrypted_private_key AS key FROM signing_keys WHERE state = 'active'`,
    );
    return rows[0]!;
  } finally {
    await client.end();
  }
}
