import { NewClientReply, NewClientRequest } from '@latchkey/contracts/auth-api';
import type { Command } from 'commander';
import { readFileOrInput } from '../terminal/read-input.js';
import { checkedBody, example, newClientId, scopeOption, type Invoke } from './arguments.js';
import { CLIENTS, clientFields } from './client-reply.js';
import { exchangeOption, type Exchange } from './exchange-option.js';
import { publicKeysIn } from './public-key.js';
import { noteSecretOnce, secretFields } from './secret.js';

interface AddOptions {
  readonly scope?: string[];
  readonly exchange?: Exchange;
  readonly key?: string;
}

/** `latchkey client add`. */
export function addAddCommand(client: Command, invoke: Invoke): void {
  client
    .command('add')
    .description(
      'add a client, which every replica of auth knows immediately. Without --key, it gets a secret that is\n' +
        'printed once; with --key, it authenticates by private_key_jwt, and auth never sees a secret of it.',
    )
    .argument('<client-id>', 'its id', newClientId)
    .addOption(scopeOption('a scope of its own tokens; can be repeated'))
    .addOption(exchangeOption())
    .option('--key <file>', 'its public key: a JWK, a JWK Set or PEM; - is stdin')
    .addHelpText(
      'after',
      example(
        'latchkey client add shipping --scope orders:read --exchange inventory=inventory:read',
        'latchkey client add shipping --key public.pem',
      ),
    )
    .action(async (id: string, { scope = [], exchange, key }: AddOptions, command: Command) => {
      const cli = invoke(command);
      const api = cli.api();
      const keys =
        key === undefined ? undefined : publicKeysIn(await readFileOrInput(key, cli.input));
      const body = checkedBody(NewClientRequest, {
        clientId: id,
        scopes: scope,
        ...(exchange && { exchange }),
        ...(keys && { jwks: { keys } }),
      });
      const added = await api.send('POST', CLIENTS, body, NewClientReply);
      cli.output.record(added, [...clientFields(added), ...secretFields(added)]);
      noteSecretOnce(cli.output, added);
    });
}
