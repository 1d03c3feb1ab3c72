import type { ClientReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { useCallback } from 'react';
import { Link, useLocation } from 'wouter';
import { read, revoke, segment } from '../../../auth/api.js';
import { useLoaded } from '../../../auth/use-loaded.js';
import { Age } from '../../../components/age.js';
import { useAsked } from '../../../components/asked.js';
import { Fact, Tag } from '../../../components/item.js';
import { LoadedList } from '../../../components/loaded-list.js';
import { admin } from '../../../texts/admin.js';
import type { ClientActs } from './client-acts.js';
import { CredentialsPanel } from './credentials-panel.js';
import { PolicyPanel } from './policy-panel.js';

const { client: words, clients } = admin;

/** One client with everything that can be done to it. */
export function ClientPage({ clientId }: { clientId: string }) {
  const path = `admin/clients/${segment(clientId)}`;
  const load = useCallback((signal: AbortSignal) => read<ClientReply>(path, signal), [path]);
  const loaded = useLoaded(load);
  const { reload } = loaded;
  const { ask, say, notice, dialog } = useAsked(reload);
  return (
    <>
      <p className="back">
        <Link to="/admin/clients">← {clients.title}</Link>
      </p>
      {notice}
      <LoadedList loaded={loaded}>
        {(client) => <Panels client={client} path={path} reload={reload} ask={ask} say={say} />}
      </LoadedList>
      {dialog}
    </>
  );
}

/** The key makes the panel forget what was typed when the policy has changed. */
const Panels = (acts: ClientActs) => (
  <div className="client">
    <ClientHead {...acts} />
    <PolicyPanel key={JSON.stringify([acts.client.scopes, acts.client.exchange])} {...acts} />
    <CredentialsPanel {...acts} />
  </div>
);

function ClientHead({ client, path, ask }: ClientActs) {
  const { clientId, source, createdAt } = client;
  const isManaged = source === 'managed';
  const askRevoke = () => {
    const { revoke: question } = words.asked;
    ask(question, question.text(clientId), async () => {
      const published = await revoke('POST', `${path}/revoke`);
      return `${question.done(clientId)} ${published}`;
    });
  };
  return (
    <section className="panel client-head">
      <div className="panel-head">
        <h2 className="user-name">{clientId}</h2>
        <div className="row">
          <Button size="xs" variant="default" onClick={askRevoke}>
            {words.ending.revoke}
          </Button>
          {isManaged && <RemoveButton clientId={clientId} path={path} />}
        </div>
      </div>
      <div className="item-facts">
        {!isManaged && <Tag>{clients.configured}</Tag>}
        {createdAt !== undefined && (
          <Fact name={words.created}>
            <Age at={createdAt} />
          </Fact>
        )}
      </div>
      <p className="hint">{isManaged ? words.ending.hint : words.configured}</p>
    </section>
  );
}

/** Leaves the page afterwards, because there is nothing to read again. */
function RemoveButton({ clientId, path }: { clientId: string; path: string }) {
  const [, navigate] = useLocation();
  const { ask, dialog } = useAsked(() => Promise.resolve(navigate('/admin/clients')));
  const { remove } = words.asked;
  const askRemove = () => ask(remove, remove.text(clientId), () => revoke('DELETE', path));
  return (
    <>
      <Button size="xs" variant="default" onClick={askRemove}>
        {words.ending.remove}
      </Button>
      {dialog}
    </>
  );
}
