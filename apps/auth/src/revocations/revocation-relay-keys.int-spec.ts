import { eventClaimsToMessage, MAX_TOKEN_BYTES } from '@latchkey/contracts';
import { waitFor } from '@latchkey/testing';
import { useRelay } from '../../test/relay-testbed.js';
import { MAX_REVOKED_KEYS } from './revoked-keys.js';
import { revokedKeysOf } from './stream-identity.js';

describe('RevocationRelay', () => {
  const bed = useRelay();

  describe('when signing keys were revoked', () => {
    const revokeKeys = (count: number) =>
      bed.replica.dataSource.query(
        `INSERT INTO revocations (id, kind, trigger, key_id, revoked_at, expires_at)
         SELECT gen_random_uuid(), 'key', 'signing_key_revoked', lpad(n::text, 43, 'k'), 1, $2
         FROM generate_series(1, $1) AS n`,
        [count, 2 ** 32],
      );

    it('fits the maximum number of revoked keys into a watermark that verifiers read', async () => {
      const ofSeveralAdministrators = MAX_REVOKED_KEYS + 10;
      await revokeKeys(ofSeveralAdministrators);
      await bed.watermarkThat(({ revokedKeys }) => revokedKeys.length === ofSeveralAdministrators);
      const event = await waitFor(async () => revokedKeysOf((await bed.reader.info()).config));
      const longIssuer = 'https://' + 'x'.repeat(255);
      expect(event.length + (4 / 3) * longIssuer.length).toBeLessThan(MAX_TOKEN_BYTES);
    });

    const remembered = async () => {
      const jws = revokedKeysOf((await bed.reader.info()).config);
      if (jws === undefined) return [];
      const payload = Buffer.from(jws.split('.')[1]!, 'base64url').toString();
      const message = eventClaimsToMessage(JSON.parse(payload) as object);
      if (message.type !== 'watermark') throw new Error('the metadata must hold a watermark');
      return message.watermark.revokedKeys.map(({ keyId }) => keyId);
    };
    const forgetRevokedKeys = () =>
      bed.replica.dataSource.query("DELETE FROM revocations WHERE kind = 'key'");
    const revokeAnother = () =>
      bed.replica.dataSource.query(
        `INSERT INTO revocations (id, kind, trigger, key_id, revoked_at, expires_at)
         VALUES (gen_random_uuid(), 'key', 'signing_key_revoked', 'another', 1, $1)`,
        [2 ** 32],
      );

    it('keeps expired ones in the metadata when others are added', async () => {
      await revokeKeys(2);
      await waitFor(async () => (await remembered()).length === 2);
      const first = await remembered();
      await forgetRevokedKeys();
      await revokeAnother();
      await waitFor(async () => (await remembered()).includes('another'));
      expect((await remembered()).sort()).toEqual(['another', ...first].sort());
    });

    it.each([
      ['retired', "UPDATE signing_keys SET state = 'retired', encrypted_private_key = NULL"],
      ['was revoked', "UPDATE signing_keys SET state = 'revoked', encrypted_private_key = NULL"],
      ['was lost', 'DELETE FROM signing_keys'],
    ])('keeps them in the metadata after a restart when the signer %s', async (_, statement) => {
      await revokeKeys(2);
      await waitFor(async () => (await remembered()).length === 2);
      const first = await remembered();
      await bed.replica.end();
      bed.replica = await bed.newReplica();
      await forgetRevokedKeys();
      await bed.replica.dataSource.query(statement);
      await revokeAnother();
      await bed.replica.begin();
      await waitFor(async () => (await remembered()).includes('another'));
      expect((await remembered()).sort()).toEqual(['another', ...first].sort());
    });

    it('publishes no watermark that is too large for verifiers', async () => {
      await revokeKeys(200);
      await waitFor(() => bed.replica.relay.status.lastError?.includes('200 revoked signing keys'));
      expect((await bed.reader.watermark())?.revokedKeys).toEqual([]);
      await bed.replica.revoke('meanwhile');
      await waitFor(async () => (await bed.reader.sessions()).includes('meanwhile'));

      await bed.replica.dataSource.query(
        `UPDATE revocations SET expires_at = 1 WHERE kind = 'key'`,
      );
      await bed.watermarkThat(({ timeMilliseconds }) => timeMilliseconds > Date.now() - 1_000);
      await waitFor(() => bed.replica.relay.status.lastError === undefined);
    });
  });
});
