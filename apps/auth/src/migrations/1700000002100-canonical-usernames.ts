import { canonicalUsername } from '@latchkey/contracts/auth-api';
import type { MigrationInterface, QueryRunner } from 'typeorm';

interface Row {
  id: string;
  username: string;
}

/** Stores user names as they are looked up: by full case folding (ς = σ, ß = ss). */
export class CanonicalUsernames1700000002100 implements MigrationInterface {
  readonly name = 'CanonicalUsernames1700000002100';
  readonly transaction = false;

  /**
   * Locks only the row that it renames. If a name is taken meanwhile, the unique index makes the migration
   * fail, and its next attempt reports both accounts. Accounts whose names become equal are neither merged
   * nor renamed, because an owner could no longer log in. The operator has to rename one first.
   *
   * @throws Error naming the accounts
   */
  async up(runner: QueryRunner): Promise<void> {
    // Names in ASCII stay the same.
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

  /** The previous release reads these names as they are, and cannot find the few that were folded. */
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
