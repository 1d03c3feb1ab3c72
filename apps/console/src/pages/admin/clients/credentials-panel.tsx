import type { ClientCredentialReply, NewCredentialReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { revoke, segment, send } from '../../../auth/api.js';
import { useAct } from '../../../auth/use-act.js';
import { messageFor } from '../../../auth/field-messages.js';
import { Items } from '../../../components/item.js';
import { ProblemNote } from '../../../components/problem.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';
import type { ClientActs } from './client-acts.js';
import { KeyForm } from './credential-fields.js';
import { CredentialItem, nameOf } from './credential-item.js';
import { jwksOf } from './jwk.js';
import { SecretOnce } from './secret-once.js';

const { credentials: words, asked } = admin.client;

/** The credentials of a client, of which one replaces the other. */
export function CredentialsPanel(acts: ClientActs) {
  const { clientId, source } = acts.client;
  const isManaged = source === 'managed';
  const { isRunning, error, add, secret, forgetSecret, isAddingKey, setAddingKey } =
    useNewCredential(acts);
  return (
    <Panel
      title={words.title}
      aside={
        isManaged && (
          <div className="row">
            <Button size="xs" variant="default" loading={isRunning} onClick={() => add()}>
              {words.addSecret}
            </Button>
            <Button
              size="xs"
              variant="default"
              disabled={isRunning}
              onClick={() => setAddingKey(true)}
            >
              {words.addKey}
            </Button>
          </div>
        )
      }
    >
      {secret !== undefined && (
        <SecretOnce clientId={clientId} secret={secret} onStored={forgetSecret} />
      )}
      <ProblemNote error={error} />
      {isAddingKey && (
        <KeyForm
          isRunning={isRunning}
          message={messageFor(error, '/jwk')}
          onAdd={add}
          onCancel={() => setAddingKey(false)}
        />
      )}
      <Credentials {...acts} />
      {isManaged && <p className="hint">{words.hint}</p>}
    </Panel>
  );
}

/** Adds a secret, or a key if there is one. */
function useNewCredential({ path, reload, say }: ClientActs) {
  const [secret, setSecret] = useState<string>();
  const [isAddingKey, setAddingKey] = useState(false);
  const { isRunning, error, run } = useAct();
  const add = (jwk?: string) =>
    void run(async () => {
      const body = jwk === undefined ? {} : { jwk: jwksOf(jwk)[0] };
      const added = await send<NewCredentialReply>('POST', `${path}/credentials`, body);
      setAddingKey(false);
      setSecret(added.clientSecret);
      await reload();
      if (added.clientSecret === undefined) say(words.addedKey);
    });
  const forgetSecret = () => setSecret(undefined);
  return { isRunning, error, add, secret, forgetSecret, isAddingKey, setAddingKey };
}

function Credentials({ client, path, ask }: ClientActs) {
  const { clientId, source, credentials } = client;
  const askRemove = (id: string, credential: ClientCredentialReply) => {
    const question = asked.credential.text(clientId, nameOf(credential));
    ask(asked.credential, question, async () => {
      await revoke('DELETE', `${path}/credentials/${segment(id)}`);
      return words.removed;
    });
  };
  if (credentials.length === 0) return <p className="hint">{words.none}</p>;
  return (
    <Items label={words.title}>
      {credentials.map((credential, index) => (
        <CredentialItem
          key={credential.id ?? index}
          credential={credential}
          onRemove={source === 'managed' ? askRemove : undefined}
        />
      ))}
    </Items>
  );
}
