import pg from 'pg';
import { NamedServerError } from './named-server.js';
import { databaseUrl } from './postgres-database.js';

/** Identifies the owner of databases on a shared server, which several checkouts may use. */
export interface DataOwner {
  /** Generated with the secrets of a state directory, and lost with them. */
  readonly id: string;
  readonly stateDirectory: string;
}

const PREFIX = 'latchkey_';

/** The name of a service's database and role on a shared server. */
export const ownName = (name: string): string => PREFIX + name;

const markOf = ({ id, stateDirectory }: DataOwner) => `${MADE_BY} ${id} in ${stateDirectory}`;
const MADE_BY = 'Made by npm start of Latchkey:';
const MARK = new RegExp(`^${MADE_BY} (?<id>\\S+) in (?<stateDirectory>.+)$`, 's');

/**
 * Creates a database and its role on a shared server, or finds those created for this owner before.
 * A comment on the role, set in the transaction that creates it, identifies the owner. A database
 * belongs to the owner if that role owns it.
 *
 * @throws {NamedServerError} for a role or database of another owner, before anything is changed
 */
export async function createOwnDatabase(
  adminUrl: string,
  service: string,
  { password, connectionLimit = -1 }: { password: string; connectionLimit?: number | undefined },
  owner: DataOwner,
): Promise<string> {
  const name = ownName(service);
  await asAdmin(adminUrl, async (client) => {
    const role = await roleOf(client, name);
    const databaseOwner = await ownerOf(client, name);
    if (role === undefined ? databaseOwner !== undefined : !MARK.test(role.mark ?? ''))
      throw new NamedServerError(foreign(name, role === undefined ? 'database' : 'role'));
    if (role) refuseOther(name, role.mark ?? '', owner);
    if (databaseOwner !== undefined && databaseOwner !== name)
      throw new NamedServerError(foreign(name, 'database'));
    await writeRole(client, { name, password, connectionLimit, exists: role !== undefined, owner });
    if (databaseOwner === undefined) await createFor(client, name);
  });
  return databaseUrl(adminUrl, name, { name, password });
}

/** Drops the databases and roles that {@link createOwnDatabase} created for this owner. */
export async function dropOwnDatabases(adminUrl: string, owner: DataOwner): Promise<void> {
  await asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string; mark: string }>(
      `SELECT rolname AS name, shobj_description(oid, 'pg_authid') AS mark FROM pg_roles
       WHERE starts_with(shobj_description(oid, 'pg_authid'), $1)`,
      [`${MADE_BY} ${owner.id} `],
    );
    for (const { name } of rows) {
      const quoted = client.escapeIdentifier(name);
      if ((await ownerOf(client, name)) === name)
        await client.query(`DROP DATABASE ${quoted} WITH (FORCE)`);
      await client.query(`DROP ROLE ${quoted}`);
    }
  });
}

const foreign = (name: string, what: 'role' | 'database') =>
  `The Postgres of LATCHKEY_POSTGRES_URL has a ${what} "${name}" that npm start did not create. ` +
  'Nothing was changed. Rename it, or use another server.';

function refuseOther(name: string, mark: string, owner: DataOwner): void {
  const { id, stateDirectory = '' } = MARK.exec(mark)?.groups ?? {};
  if (id === owner.id) return;
  const reason =
    stateDirectory === owner.stateDirectory
      ? `with secrets that ${stateDirectory} no longer holds, and without which its data cannot be read. `
      : `for another state directory. Set LATCHKEY_STATE_DIRECTORY=${stateDirectory} to use it. `;
  throw new NamedServerError(
    `The Postgres of LATCHKEY_POSTGRES_URL has a role "${name}" that npm start created ${reason}` +
      'Nothing was changed. If the data is no longer needed, drop each database and role whose name ' +
      `starts with "${PREFIX}": DROP DATABASE "${name}"; DROP ROLE "${name}"; and so on.`,
  );
}

async function asAdmin(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the interrupted query reports it
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

async function roleOf(client: pg.Client, name: string) {
  const { rows } = await client.query<{ mark: string | null }>(
    `SELECT shobj_description(oid, 'pg_authid') AS mark FROM pg_roles WHERE rolname = $1`,
    [name],
  );
  return rows[0];
}

async function ownerOf(client: pg.Client, database: string): Promise<string | undefined> {
  const { rows } = await client.query<{ owner: string }>(
    'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1',
    [database],
  );
  return rows[0]?.owner;
}

interface Role {
  readonly name: string;
  readonly password: string;
  readonly connectionLimit: number;
  readonly exists: boolean;
  readonly owner: DataOwner;
}

async function writeRole(
  client: pg.Client,
  { name, password, connectionLimit, exists, owner }: Role,
) {
  const quoted = client.escapeIdentifier(name);
  await client.query('BEGIN');
  await client.query(
    `${exists ? 'ALTER' : 'CREATE'} ROLE ${quoted}
     LOGIN PASSWORD ${client.escapeLiteral(password)} CONNECTION LIMIT ${connectionLimit}`,
  );
  await client.query(`COMMENT ON ROLE ${quoted} IS ${client.escapeLiteral(markOf(owner))}`);
  await client.query('COMMIT');
}

async function createFor(client: pg.Client, name: string): Promise<void> {
  const quoted = client.escapeIdentifier(name);
  await client.query(`CREATE DATABASE ${quoted} OWNER ${quoted}`);
  await client.query(`REVOKE CONNECT ON DATABASE ${quoted} FROM PUBLIC`);
}
