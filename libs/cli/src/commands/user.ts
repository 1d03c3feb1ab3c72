import { CreateUserRequest, ResetPasswordRequest, UserReply } from '@latchkey/contracts/auth-api';
import type { Command } from 'commander';
import type { Fields } from '../terminal/output.js';
import {
  checkedBody,
  example,
  roleOption,
  username,
  yesOption,
  type Confirmable,
  type Invoke,
} from './arguments.js';
import {
  newPassword,
  noteShownOnce,
  passwordFields,
  passwordOption,
  type PasswordOptions,
} from './new-password.js';
import { published, time } from './publication.js';
import { addScopesCommand } from './user-scopes.js';
import { usersIn } from './user-pages.js';

const PATH = '/admin/users';
const pathOf = (name: string) => `${PATH}/${encodeURIComponent(name)}`;

const COLUMNS = [
  { heading: 'USER', cell: ({ username: name }: UserReply) => name },
  { heading: 'ROLES', cell: ({ roles }: UserReply) => roles.join(' ') },
  { heading: 'STATE', cell: ({ disabled }: UserReply) => (disabled ? 'disabled' : 'enabled') },
  { heading: 'CREATED', cell: ({ createdAt }: UserReply) => time(createdAt) },
];

interface CreateOptions extends PasswordOptions {
  readonly role?: string[];
}

/** `latchkey user …`: accounts, and what they may do. */
export function addUserCommands(program: Command, invoke: Invoke): void {
  const user = program
    .command('user')
    .description('list, create, disable and enable users, show and set what they may do')
    .addHelpText('after', example('latchkey user list'));
  addListCommand(user, invoke);
  addCreateCommand(user, invoke);
  addDisableCommands(user, invoke);
  addScopesCommand(user, invoke);
  addResetPasswordCommand(user, invoke);
}

function addListCommand(user: Command, invoke: Invoke): void {
  user
    .command('list')
    .description('list all users, the oldest account first')
    .addHelpText('after', example('latchkey user list', 'latchkey user list --json'))
    .action(async (_options: object, command: Command) => {
      const cli = invoke(command);
      await cli.output.list('users', usersIn(cli.api()), COLUMNS);
    });
}

function addCreateCommand(user: Command, invoke: Invoke): void {
  user
    .command('create')
    .description('create a user, with a generated password that is printed once')
    .argument('<username>', 'the name, which is case-insensitive', username)
    .addOption(roleOption('give this role; can be repeated'))
    .addOption(passwordOption())
    .addHelpText('after', example('latchkey user create grace --role support'))
    .action(async (name: string, { role = [], ...options }: CreateOptions, command: Command) => {
      const cli = invoke(command);
      const api = cli.api();
      const { password, shown } = await newPassword(cli, options);
      const body = checkedBody(CreateUserRequest, { username: name, password, roles: role });
      const created = await api.send('POST', PATH, body, UserReply);
      cli.output.record({ ...created, ...shown }, [...fieldsOf(created), ...passwordFields(shown)]);
      noteShownOnce(cli, shown);
    });
}

function addDisableCommands(user: Command, invoke: Invoke): void {
  user
    .command('disable')
    .description('disable a user and end all of their sessions')
    .argument('<username>', 'whom', username)
    .addOption(yesOption())
    .addHelpText('after', example('latchkey user disable ada'))
    .action(async (name: string, { yes }: Confirmable, command: Command) => {
      const cli = invoke(command);
      const api = cli.api();
      await cli.confirm(`Disable ${name} and end all of their sessions?`, yes);
      const outcome = await api.act('POST', `${pathOf(name)}/disable`);
      const document = { username: name, disabled: true, ...outcome };
      cli.output.done(document, published(`Disabled ${name}.`, outcome));
    });

  user
    .command('enable')
    .description('let a disabled user log in again; ended sessions stay ended')
    .argument('<username>', 'whom', username)
    .addHelpText('after', example('latchkey user enable ada'))
    .action(async (name: string, _options: object, command: Command) => {
      const cli = invoke(command);
      await cli.api().act('POST', `${pathOf(name)}/enable`);
      cli.output.done({ username: name, disabled: false }, `Enabled ${name}.`);
    });
}

function addResetPasswordCommand(user: Command, invoke: Invoke): void {
  user
    .command('reset-password')
    .description('set a new password, which is printed once, and end all sessions of the user')
    .argument('<username>', 'whose', username)
    .addOption(passwordOption())
    .addHelpText('after', example('latchkey user reset-password ada'))
    .action(async (name: string, options: PasswordOptions, command: Command) => {
      const cli = invoke(command);
      const api = cli.api();
      const { password, shown } = await newPassword(cli, options);
      const body = checkedBody(ResetPasswordRequest, { password });
      const outcome = await api.act('PUT', `${pathOf(name)}/password`, body);
      const sentence = published(`Set a new password for ${name}.`, outcome);
      const document = { username: name, ...shown, ...outcome };
      cli.output.record(document, [['user', name], ...passwordFields(shown)]);
      if (!cli.output.json) cli.output.note(sentence);
      noteShownOnce(cli, shown);
    });
}

const fieldsOf = ({ username: name, roles, scopes }: UserReply): Fields => [
  ['user', name],
  ['roles', roles.join(' ')],
  ['scopes', scopes.join(' ')],
];
