import type { ClientListReply, ClientReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { Link, useLocation } from 'wouter';
import { read, segment } from '../../../auth/api.js';
import { useLoaded } from '../../../auth/use-loaded.js';
import { Fact, Item, Items, Tag } from '../../../components/item.js';
import { LoadedList } from '../../../components/loaded-list.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';

const { clients: words } = admin;
const load = (signal: AbortSignal) => read<ClientListReply>('admin/clients', signal);

export function ClientsPage() {
  const loaded = useLoaded(load);
  const [, navigate] = useLocation();
  return (
    <Panel
      title={words.title}
      aside={
        <Button size="xs" onClick={() => navigate('/admin/clients/all/new')}>
          {words.add}
        </Button>
      }
    >
      <LoadedList loaded={loaded}>
        {({ clients }) =>
          clients.length === 0 ? (
            <p className="hint">{words.none}</p>
          ) : (
            <Items label={words.title}>
              {clients.map((client) => (
                <ClientItem key={client.clientId} client={client} />
              ))}
            </Items>
          )
        }
      </LoadedList>
    </Panel>
  );
}

function ClientItem({ client }: { client: ClientReply }) {
  const { clientId, source, scopes, exchange, credentials } = client;
  const services = Object.keys(exchange);
  return (
    <Item
      title={<Link to={`/admin/clients/${segment(clientId)}`}>{clientId}</Link>}
      tags={
        <>
          {source === 'configuration' && <Tag>{words.configured}</Tag>}
          <Tag tone={credentials.length === 0 ? 'caution' : 'plain'}>
            {words.credentials(credentials.length)}
          </Tag>
        </>
      }
      facts={
        <>
          <Fact name={words.scopes}>{scopes.join(', ') || words.noScopes}</Fact>
          <Fact name={words.exchange}>{services.join(', ') || words.noExchange}</Fact>
        </>
      }
    />
  );
}
