import { ACCESS_TOKEN_TYPE } from '@latchkey/contracts';
import { decodeUnverified, type LatchkeyStack } from '@latchkey/local-stack';
import { SignJWT, type JWTPayload } from 'jose';
import { createDecipheriv, createPrivateKey, randomUUID } from 'node:crypto';
import pg from 'pg';
import { KEY_ENCRYPTION_KEY } from '../../src/shared-stack.js';

interface StoredKey {
  readonly kid: string;
  readonly key: Buffer;
}

/**
 * Signs with the key of the auth service itself. The result differs from a valid access token of the user only
 * in its type, so only the type can be the reason for a rejection.
 *
 * @param like an access token
 */
export async function signByAuth(
  { postgres }: LatchkeyStack,
  like: string,
  typ: string = ACCESS_TOKEN_TYPE,
): Promise<string> {
  const { kid, key } = await activeKey(postgres.url('auth'));
  const privateKey = createPrivateKey({ key: decrypted(kid, key), format: 'der', type: 'pkcs8' });
  const claims = { ...decodeUnverified(like).claims, jti: randomUUID() };
  return new SignJWT(claims as unknown as JWTPayload)
    .setProtectedHeader({ alg: 'RS256', kid, typ })
    .sign(privateKey);
}

/** AES-256-GCM: a byte for the format, 12 for the nonce, the ciphertext, 16 for the tag. */
function decrypted(kid: string, stored: Buffer): Buffer {
  const encryptionKey = Buffer.from(KEY_ENCRYPTION_KEY, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', encryptionKey, stored.subarray(1, 13), {
    authTagLength: 16,
  });
  decipher.setAAD(Buffer.from(kid));
  decipher.setAuthTag(stored.subarray(-16));
  return Buffer.concat([decipher.update(stored.subarray(13, -16)), decipher.final()]);
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
