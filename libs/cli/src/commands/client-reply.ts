import type { ClientCredentialReply, ClientReply } from '@latchkey/contracts/auth-api';
import type { Fields } from '../terminal/output.js';
import { formatExchange } from './exchange-option.js';
import { time } from './publication.js';

/** The path of all clients. */
export const CLIENTS = '/admin/clients';

/** The path of a client, whose id has only characters that a path may have. */
export const clientPath = (id: string): string => `${CLIENTS}/${id}`;

/** The columns of the list. */
export const CLIENT_COLUMNS = [
  { heading: 'CLIENT', cell: ({ clientId }: ClientReply) => clientId },
  { heading: 'SOURCE', cell: ({ source }: ClientReply) => source },
  {
    heading: 'CREDENTIALS',
    cell: ({ credentials }: ClientReply) => credentials.map(({ kind }) => kind).join(' '),
  },
  { heading: 'SCOPES', cell: ({ scopes }: ClientReply) => scopes.join(' ') },
  { heading: 'EXCHANGE', cell: ({ exchange }: ClientReply) => formatExchange(exchange) },
];

/** A client with its credentials, the oldest first. */
export const clientFields = (client: ClientReply): Fields => [
  ['client', client.clientId],
  ['source', client.source],
  ['scopes', client.scopes.join(' ')],
  ['exchange', formatExchange(client.exchange)],
  ...client.credentials.map((one) => ['credential', describe(one)] as const),
];

const describe = ({ kind, id, keyId, createdAt }: ClientCredentialReply): string =>
  [kind, id, keyId && `kid ${keyId}`, createdAt && `since ${time(createdAt)}`]
    .filter((part) => part !== undefined)
    .join('  ');
