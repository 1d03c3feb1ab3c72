import { ClientReply, NewCredentialReply } from '@latchkey/contracts/auth-api';
import type { Command } from 'commander';
import { refused, usageError } from '../errors.js';
import type { Invocation } from '../invocation.js';
import { readFileOrInput } from '../terminal/read-input.js';
import { clientId, example, yesOption, type Confirmable, type Invoke } from './arguments.js';
import { clientPath } from './client-reply.js';
import { publicKeysIn } from './public-key.js';
import { noteSecretOnce, secretFields } from './secret.js';

interface RotateOptions extends Confirmable {
  readonly key?: string;
  readonly finish?: boolean;
}

/** `latchkey client rotate`, whose two steps leave time to hand the new credential to the client. */
export function addRotateCommand(client: Command, invoke: Invoke): void {
  client
    .command('rotate')
    .description(
      'replace the secret or key of a managed client without downtime: first add the new one, give it to\n' +
        'the client and restart the client; then remove the old one with --finish.',
    )
    .argument('<client-id>', 'which', clientId)
    .option('--key <file>', 'its next public key instead of a secret: a JWK or PEM; - is stdin')
    .option('--finish', 'remove the older one of two credentials')
    .addOption(yesOption())
    .addHelpText(
      'after',
      example('latchkey client rotate shipping', 'latchkey client rotate shipping --finish'),
    )
    .action(async (id: string, { key, finish, yes }: RotateOptions, command: Command) => {
      if (finish && key !== undefined) throw usageError('--finish does not use --key');
      const cli = invoke(command);
      await (finish ? removeOlder(cli, id, yes) : addCredential(cli, id, key));
    });
}

async function addCredential(cli: Invocation, id: string, key: string | undefined): Promise<void> {
  const api = cli.api();
  const jwk = key === undefined ? undefined : oneKeyIn(await readFileOrInput(key, cli.input));
  const path = `${clientPath(id)}/credentials`;
  const added = await api.send('POST', path, jwk ? { jwk } : {}, NewCredentialReply);
  cli.output.record({ clientId: id, ...added }, [
    ['client', id],
    ['credential', added.id],
    ...(added.keyId === undefined ? [] : [['kid', added.keyId] as const]),
    ...secretFields(added),
  ]);
  noteSecretOnce(cli.output, added);
  if (!cli.output.json)
    cli.output.note(
      `The earlier one stays valid. Once the client uses the new one: latchkey client rotate ${id} --finish`,
    );
}

function oneKeyIn(text: string) {
  const [jwk, ...more] = publicKeysIn(text);
  if (!jwk || more.length > 0) throw usageError('A rotation adds one key');
  return jwk;
}

async function removeOlder(cli: Invocation, id: string, yes: boolean | undefined): Promise<void> {
  const api = cli.api();
  const { credentials, source } = await api.get(clientPath(id), ClientReply);
  const [older, newer] = credentials;
  if (source === 'configuration' || older?.id === undefined || newer === undefined)
    throw refused('no_rotation', `${id} does not have two managed credentials`, {
      hint: `latchkey client show ${id}`,
    });
  await cli.confirm(`Remove the ${older.kind} ${older.id} of ${id}?`, yes);
  await api.act('DELETE', `${clientPath(id)}/credentials/${older.id}`);
  const document = { clientId: id, credentialId: older.id, removed: true };
  cli.output.done(document, `Removed the ${older.kind} ${older.id} of ${id}.`);
}
