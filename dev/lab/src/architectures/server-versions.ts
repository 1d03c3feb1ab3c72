import type { LatchkeyStack, Redis } from '@latchkey/local-stack';
import { Client } from 'pg';

/** Versions of the measured servers. Those of external servers are unknown, except for Postgres, which reports it. */
export async function serverVersions(
  stack: LatchkeyStack,
  redis: Redis | undefined,
): Promise<Readonly<Record<string, string>>> {
  const client = new Client({ connectionString: stack.postgres.url() });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    const nats = stack.nats.server?.version;
    const ofRedis = redis?.server?.version;
    return {
      PostgreSQL: rows[0]?.server_version.split(' ')[0] ?? '?',
      ...(ofRedis !== undefined && { Redis: ofRedis }),
      ...(nats !== undefined && { 'nats-server': nats }),
    };
  } finally {
    await client.end();
  }
}
