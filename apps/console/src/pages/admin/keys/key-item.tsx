import type { SigningKeyListReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { Age } from '../../../components/age.js';
import { Fact, Item, Tag, type Tone } from '../../../components/item.js';
import { admin } from '../../../texts/admin.js';

export type SigningKey = SigningKeyListReply['keys'][number];

const { keys: words } = admin;

const TONES: Readonly<Record<SigningKey['state'], Tone>> = {
  pending: 'caution',
  active: 'good',
  retiring: 'accent',
  retired: 'plain',
  revoked: 'bad',
};
/** Auth revokes those that it publishes. */
const REVOCABLE: readonly SigningKey['state'][] = ['pending', 'active', 'retiring'];

export function KeyItem(props: { signingKey: SigningKey; onRevoke: () => void }) {
  const { keyId, state, since } = props.signingKey;
  const { name, text } = words.states[state];
  return (
    <Item
      title={<span className="mono small">{keyId}</span>}
      tags={<Tag tone={TONES[state]}>{name}</Tag>}
      facts={
        <>
          <span>{text}</span>
          <Fact name={words.since}>
            <Age at={since} />
          </Fact>
        </>
      }
      actions={
        REVOCABLE.includes(state) && (
          <Button
            variant="default"
            size="xs"
            aria-label={words.revokeLabel(keyId)}
            onClick={props.onRevoke}
          >
            {words.revoke}
          </Button>
        )
      }
    />
  );
}
