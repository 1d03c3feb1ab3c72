import { UserReply } from '@latchkey/contracts/auth-api';
import type { Command } from 'commander';
import { usageError } from '../errors.js';
import { example, roleOption, username, type Invoke } from './arguments.js';
import { published } from './publication.js';

interface ScopesOptions {
  readonly role?: string[];
  /** False for `--no-roles`. */
  readonly roles: boolean;
}

/** `latchkey user scopes`. Scopes follow from roles (ADR 0044), so that is what can be set. */
export function addScopesCommand(user: Command, invoke: Invoke): void {
  user
    .command('scopes')
    .description(
      'show what a user may do, or replace their roles. Scopes are not stored per user: auth computes them\n' +
        'from its USER_SCOPES and from what its ROLES say of each role. A new role takes effect at the next\n' +
        'refresh or log-in; losing a role ends all sessions of the user.',
    )
    .argument('<username>', 'whose', username)
    .addOption(roleOption('replace the roles by this one; can be repeated'))
    .option('--no-roles', 'take all roles away')
    .addHelpText(
      'after',
      example(
        'latchkey user scopes ada',
        'latchkey user scopes ada --role support --role stock-keeper',
        'latchkey user scopes ada --no-roles',
      ),
    )
    .action(async (name: string, { role, roles }: ScopesOptions, command: Command) => {
      if (role !== undefined && !roles) throw usageError('Give either --role or --no-roles');
      const cli = invoke(command);
      const api = cli.api();
      const path = `/admin/users/${encodeURIComponent(name)}`;
      const wanted = roles ? role : [];
      const outcome = wanted && (await api.act('PUT', `${path}/roles`, { roles: wanted }));
      const reply = await api.get(path, UserReply);
      cli.output.record({ ...reply, ...outcome }, [
        ['user', reply.username],
        ['roles', reply.roles.join(' ')],
        ['scopes', reply.scopes.join(' ')],
        ['state', reply.disabled ? 'disabled' : 'enabled'],
      ]);
      if (outcome && !cli.output.json) cli.output.note(published('Replaced the roles.', outcome));
    });
}
