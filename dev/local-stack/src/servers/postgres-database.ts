import pg from 'pg';

/** The URL of another database on the same server. */
export function databaseUrl(
  url: string,
  database: string,
  user?: { name: string; password: string },
) {
  const result = new URL(url);
  result.pathname = `/${encodeURIComponent(database)}`;
  if (user) [result.username, result.password] = [user.name, encodeURIComponent(user.password)];
  return result.href;
}

/** See `Postgres.createDatabase`. */
export async function createDatabase(
  adminUrl: string,
  name: string,
  password?: string,
  connectionLimit?: number,
): Promise<string> {
  const client = new pg.Client({ connectionString: adminUrl });
  client.on('error', () => undefined); // the interrupted query reports it
  await client.connect();
  try {
    if (password !== undefined) await createOwner(client, name, password, connectionLimit);
    await createIfMissing(client, name, password === undefined ? undefined : name);
  } finally {
    await client.end();
  }
  return databaseUrl(adminUrl, name, password === undefined ? undefined : { name, password });
}

const has = async (client: pg.Client, query: string, name: string) =>
  (await client.query(query, [name])).rowCount === 1;

async function createOwner(
  client: pg.Client,
  name: string,
  password: string,
  connectionLimit = -1,
): Promise<void> {
  const exists = await has(client, 'SELECT 1 FROM pg_roles WHERE rolname = $1', name);
  await client.query(
    `${exists ? 'ALTER' : 'CREATE'} ROLE ${client.escapeIdentifier(name)}
     LOGIN PASSWORD ${client.escapeLiteral(password)} CONNECTION LIMIT ${connectionLimit}`,
  );
}

async function createIfMissing(client: pg.Client, name: string, owner?: string): Promise<void> {
  if (await has(client, 'SELECT 1 FROM pg_database WHERE datname = $1', name)) return;
  const database = client.escapeIdentifier(name);
  const ownedBy = owner === undefined ? '' : `OWNER ${client.escapeIdentifier(owner)}`;
  await client.query(`CREATE DATABASE ${database} ${ownedBy}`);
  await client.query(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC`);
}
