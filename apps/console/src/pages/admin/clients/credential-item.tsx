import type { ClientCredentialReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { Age } from '../../../components/age.js';
import { Fact, Item } from '../../../components/item.js';
import { VisibleText } from '../../../text/visible-text.js';
import { admin } from '../../../texts/admin.js';

const { credentials: words } = admin.client;

/** Such as “secret”, or “key” with its id. */
export const nameOf = ({ kind, keyId = '' }: ClientCredentialReply): string =>
  kind === 'secret' ? words.secret.toLowerCase() : `${words.key.toLowerCase()} ${keyId}`;

export function CredentialItem(props: {
  credential: ClientCredentialReply;
  onRemove: ((id: string, credential: ClientCredentialReply) => void) | undefined;
}) {
  const { credential, onRemove } = props;
  const { kind, keyId = '', createdAt, id } = credential;
  return (
    <Item
      title={<VisibleText text={kind === 'secret' ? words.secret : `${words.key} ${keyId}`} />}
      facts={
        <>
          {createdAt !== undefined && (
            <Fact name={words.added}>
              <Age at={createdAt} />
            </Fact>
          )}
          {id !== undefined && (
            <Fact name={admin.users.id}>
              <span className="mono">{id}</span>
            </Fact>
          )}
        </>
      }
      actions={
        onRemove &&
        id !== undefined && (
          <Button
            variant="default"
            size="xs"
            aria-label={words.removeLabel(nameOf(credential))}
            onClick={() => onRemove(id, credential)}
          >
            {words.remove}
          </Button>
        )
      }
    />
  );
}
