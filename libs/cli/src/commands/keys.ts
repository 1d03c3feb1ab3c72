import { KeyRotationReply, SigningKeyListReply } from '@latchkey/contracts/auth-api';
import type { Command } from 'commander';
import { example, keyId, yesOption, type Confirmable, type Invoke } from './arguments.js';
import { onePage, published, time } from './publication.js';

const PATH = '/admin/signing-keys';

const COLUMNS = [
  { heading: 'KEY', cell: (key: SigningKey) => key.keyId },
  { heading: 'STATE', cell: (key: SigningKey) => key.state },
  { heading: 'SINCE', cell: (key: SigningKey) => time(key.since) },
];
type SigningKey = SigningKeyListReply['keys'][number];

/** `latchkey keys …`: the keys that sign access tokens. */
export function addKeysCommands(program: Command, invoke: Invoke): void {
  const keys = program
    .command('keys')
    .description('list, rotate and revoke the keys that sign access tokens')
    .addHelpText('after', example('latchkey keys list'));

  keys
    .command('list')
    .description('list the signing keys, the one that changed its state last first')
    .addHelpText('after', example('latchkey keys list', 'latchkey keys list --json'))
    .action(async (_options: object, command: Command) => {
      const cli = invoke(command);
      const list = cli
        .api()
        .get(PATH, SigningKeyListReply)
        .then((reply) => reply.keys);
      await cli.output.list('keys', onePage(list), COLUMNS);
    });

  keys
    .command('rotate')
    .description('start signing with the next key; tokens of the previous one stay valid')
    .addHelpText('after', example('latchkey keys rotate'))
    .action(async (_options: object, command: Command) => {
      const cli = invoke(command);
      const rotated = await cli.api().send('POST', `${PATH}/rotate`, undefined, KeyRotationReply);
      cli.output.done(rotated, `The key ${rotated.keyId} signs from now on.`);
    });

  keys
    .command('revoke')
    .description('revoke a key that may be compromised, with all tokens that it has signed')
    .argument('<key-id>', 'the id, which `latchkey keys list` shows', keyId)
    .addOption(yesOption())
    .addHelpText('after', example('latchkey keys revoke rQ5Z3uC…'))
    .action(async (id: string, { yes }: Confirmable, command: Command) => {
      const cli = invoke(command);
      const api = cli.api();
      await cli.confirm(`Revoke the key ${id} with all its tokens?`, yes);
      const outcome = await api.act('POST', `${PATH}/${id}/revoke`);
      const document = { keyId: id, revoked: true, ...outcome };
      cli.output.done(document, published(`Revoked the key ${id}.`, outcome));
    });
}
