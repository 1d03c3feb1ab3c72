import type { NewClientReply } from '@latchkey/contracts/auth-api';
import { useState, type FormEvent } from 'react';
import { useLocation } from 'wouter';
import { segment, send } from '../../../auth/api.js';
import { useAct } from '../../../auth/use-act.js';
import { messageFor } from '../../../auth/field-messages.js';
import { NameField } from '../../../components/fields.js';
import { FormButtons } from '../../../components/form-buttons.js';
import { ProblemNote } from '../../../components/problem.js';
import { wordsOf } from '../../../text/words.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';
import { JwkField, KindField, type CredentialKind } from './credential-fields.js';
import { jwksOf } from './jwk.js';
import { exchangeOf } from './policy.js';
import { PolicyFields, type PolicyTexts } from './policy-fields.js';
import { SecretOnce } from './secret-once.js';

const { form: words } = admin.clients;
const EMPTY = { clientId: '', scopes: '', exchange: '', kind: 'secret' as CredentialKind, jwk: '' };

export function NewClientPage() {
  const [secret, setSecret] = useState<{ clientId: string; value: string }>();
  const [, navigate] = useLocation();
  const open = (clientId: string) => navigate(`/admin/clients/${segment(clientId)}`);
  if (secret === undefined)
    return (
      <NewClientForm
        onAdded={({ clientId, clientSecret: value }) =>
          value === undefined ? open(clientId) : setSecret({ clientId, value })
        }
      />
    );
  const { clientId, value } = secret;
  return <SecretOnce clientId={clientId} secret={value} onStored={() => open(clientId)} />;
}

function NewClientForm({ onAdded }: { onAdded: (added: NewClientReply) => void }) {
  const [fields, setFields] = useState(EMPTY);
  const { isRunning, error, run } = useAct();
  const set = (more: Partial<typeof EMPTY> & Partial<PolicyTexts>) =>
    setFields((before) => ({ ...before, ...more }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => onAdded(await send('POST', 'admin/clients', requestOf(fields))));
  };
  return (
    <Panel title={words.title} className="narrow">
      <form onSubmit={submit} className="form">
        <NameField
          label={words.id}
          description={words.idHint}
          value={fields.clientId}
          onChange={(clientId) => set({ clientId })}
          error={messageFor(error, '/clientId')}
          maxLength={64}
          required
        />
        <PolicyFields texts={fields} onChange={set} error={error} />
        <KindField kind={fields.kind} onChange={(kind) => set({ kind })} />
        {fields.kind === 'key' && (
          <JwkField
            value={fields.jwk}
            onChange={(jwk) => set({ jwk })}
            message={messageFor(error, '/jwk') ?? messageFor(error, '/jwks')}
          />
        )}
        <ProblemNote error={error} />
        <FormButtons label={words.submit} isRunning={isRunning} back="/admin/clients" />
      </form>
    </Panel>
  );
}

/** @throws ApiError if the key is not JSON */
const requestOf = ({ clientId, scopes, exchange, kind, jwk }: typeof EMPTY) => ({
  clientId,
  scopes: wordsOf(scopes),
  exchange: exchangeOf(exchange),
  ...(kind === 'key' && { jwks: { keys: jwksOf(jwk) } }),
});
