import { ClientChangeRequest, ClientListReply, ClientReply } from '@latchkey/contracts/auth-api';
import type { Command } from 'commander';
import { usageError } from '../errors.js';
import {
  clientId,
  example,
  scopeOption,
  yesOption,
  checkedBody,
  type Confirmable,
  type Invoke,
} from './arguments.js';
import { addAddCommand } from './client-add.js';
import { CLIENT_COLUMNS, CLIENTS, clientFields, clientPath } from './client-reply.js';
import { addRotateCommand } from './client-rotate.js';
import { exchangeOption, type Exchange } from './exchange-option.js';
import { onePage, published } from './publication.js';

/** `latchkey client …`: the OAuth clients that services authenticate as. */
export function addClientCommands(program: Command, invoke: Invoke): void {
  const client = program
    .command('client')
    .description('list, add, change, rotate, revoke and remove OAuth clients')
    .addHelpText('after', example('latchkey client list'));
  addShowCommands(client, invoke);
  addAddCommand(client, invoke);
  addChangeCommand(client, invoke);
  addRotateCommand(client, invoke);
  addEndingCommands(client, invoke);
}

function addShowCommands(client: Command, invoke: Invoke): void {
  client
    .command('list')
    .description('list the configured and the managed clients')
    .addHelpText('after', example('latchkey client list'))
    .action(async (_options: object, command: Command) => {
      const cli = invoke(command);
      const list = cli.api().get(CLIENTS, ClientListReply);
      await cli.output.list(
        'clients',
        onePage(list.then(({ clients }) => clients)),
        CLIENT_COLUMNS,
      );
    });

  client
    .command('show')
    .description('show a client and its credentials')
    .argument('<client-id>', 'which', clientId)
    .addHelpText('after', example('latchkey client show shipping'))
    .action(async (id: string, _options: object, command: Command) => {
      const cli = invoke(command);
      const reply = await cli.api().get(clientPath(id), ClientReply);
      cli.output.record(reply, clientFields(reply));
    });
}

interface ChangeOptions {
  readonly scope?: string[];
  readonly exchange?: Exchange;
}

function addChangeCommand(client: Command, invoke: Invoke): void {
  client
    .command('change')
    .description(
      'replace what a client may do. What is not named stays as it is; tokens that it has keep their scopes',
    )
    .argument('<client-id>', 'which', clientId)
    .addOption(scopeOption('a scope of its own tokens; can be repeated'))
    .addOption(exchangeOption())
    .addHelpText('after', example('latchkey client change shipping --scope orders:read'))
    .action(async (id: string, { scope, exchange }: ChangeOptions, command: Command) => {
      if (!scope && !exchange) throw usageError('Name what to change: --scope, --exchange or both');
      const cli = invoke(command);
      const body = checkedBody(ClientChangeRequest, {
        ...(scope && { scopes: scope }),
        ...(exchange && { exchange }),
      });
      const reply = await cli.api().send('PATCH', clientPath(id), body, ClientReply);
      cli.output.record(reply, clientFields(reply));
    });
}

/** A command that ends what a client may do. */
interface Ending {
  readonly name: string;
  readonly description: string;
  readonly question: (id: string) => string;
  readonly request: (id: string) => readonly [method: string, path: string];
  readonly past: string;
  readonly sentence: (id: string) => string;
}

/** The two ways to end what a client may do, of which only one leaves it there. */
const ENDINGS: readonly Ending[] = [
  {
    name: 'revoke',
    description: 'void all credentials of a client whose secret was stolen, and revoke its tokens',
    question: (id: string) => `Void all credentials of ${id} and revoke its tokens?`,
    request: (id: string) => ['POST', `${clientPath(id)}/revoke`],
    past: 'revoked',
    sentence: (id: string) => `Revoked ${id}.`,
  },
  {
    name: 'remove',
    description: 'remove a managed client, and revoke its tokens',
    question: (id: string) => `Remove ${id} and revoke its tokens?`,
    request: (id: string) => ['DELETE', clientPath(id)],
    past: 'removed',
    sentence: (id: string) => `Removed ${id}.`,
  },
];

function addEndingCommands(client: Command, invoke: Invoke): void {
  for (const { name, description, question, request, past, sentence } of ENDINGS)
    client
      .command(name)
      .description(description)
      .argument('<client-id>', 'which', clientId)
      .addOption(yesOption())
      .addHelpText('after', example(`latchkey client ${name} shipping`))
      .action(async (id: string, { yes }: Confirmable, command: Command) => {
        const cli = invoke(command);
        const api = cli.api();
        await cli.confirm(question(id), yes);
        const [method, path] = request(id);
        const outcome = await api.act(method, path);
        const document = { clientId: id, [past]: true, ...outcome };
        cli.output.done(document, published(sentence(id), outcome));
      });
}
