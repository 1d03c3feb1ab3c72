import { canonicalUsername } from '@latchkey/contracts/auth-api';
import type { MigrationInterface, QueryRunner } from 'typeorm';

interface Row {
  id: string;
  username: string;
}

/** Names are stored as they are looked up: since this release by full case folding (ς = σ, ß = ss). */
export class CanonicalUsernames1700000002100 implements MigrationInterface {
  readonly name = 'CanonicalUsernames1700000002100';
  readonly transaction = false;

  /**
   * Locks no row but the one that it renames. If somebody takes a name meanwhile, the column is unique: the
   * migration fails, is tried again and then names both. Two accounts whose names are the same now are not merged, and neither is renamed in silence: its
   * owner could not log in. Nothing changes until somebody has decided.
   *
   * @throws Error naming the accounts
   */
  async up(runner: QueryRunner): Promise<void> {
    // In ASCII nothing has changed.
    const rows = (await runner.query(
      'SELECT id, username FROM users WHERE octet_length(username) <> length(username)',
    )) as Row[];
    const renamed = rows.filter(({ username }) => canonicalUsername(username) !== username);
    await refuseCollisions(runner, renamed);
    for (const { id, username } of renamed)
      await runner.query('UPDATE users SET username = $3 WHERE id = $1 AND username = $2', [
        id,
        username,
        canonicalUsername(username),
      ]);
  }

  /** The release before reads these names as they are; only the few that were folded it cannot find. */
  async down(): Promise<void> {}
}

async function refuseCollisions(runner: QueryRunner, renamed: readonly Row[]): Promise<void> {
  const names = renamed.map(({ username }) => canonicalUsername(username));
  const holders = (await runner.query('SELECT id, username FROM users WHERE username = ANY ($1)', [
    names,
  ])) as Row[];
  const claims = new Map<string, string[]>();
  for (const { id, username } of [...holders, ...renamed]) {
    const name = canonicalUsername(username);
    claims.set(name, [...(claims.get(name) ?? []), id]);
  }
  const collisions = [...claims.values()].filter((ids) => ids.length > 1);
  if (collisions.length === 0) return;
  throw new Error(
    'These users have the same name but for its spelling: ' +
      `${collisions.map((ids) => ids.join(' = ')).join('; ')}. Give all but one of each another ` +
      'name (UPDATE users SET username = … WHERE id = …), tell them, and start again.',
  );
}
