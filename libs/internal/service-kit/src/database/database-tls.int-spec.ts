import { startTestPostgres, type TestPostgres } from '@latchkey/testing';
import {
  createTestCertificates,
  type TestCertificate,
  type TestCertificates,
} from '@latchkey/testing/certificates';
import pg from 'pg';
import { z } from 'zod';
import { serviceRules } from '../environment-rules.js';
import { serviceEnvironment } from '../environment.js';
import { loadConfig } from '../load-config.js';
import { minimalService } from '../../test/service-rows.suite.js';
import { createDataSource } from './database.module.js';

const Environment = z.object(serviceEnvironment).check(...serviceRules);
const NATS_URL = 'nats://127.0.0.1';

describe('Postgres with TLS', () => {
  let certificates: TestCertificates;
  let postgres: TestPostgres;
  beforeAll(async () => {
    certificates = await createTestCertificates();
    postgres = await startTestPostgres();
  });
  afterAll(async () => {
    await postgres.close();
    certificates.remove();
  });

  async function useCertificate({ certFile, keyFile }: TestCertificate): Promise<void> {
    const client = new pg.Client({ connectionString: postgres.url() });
    await client.connect();
    const settings = { ssl_cert_file: certFile, ssl_key_file: keyFile, ssl: 'on' };
    for (const [name, value] of Object.entries(settings))
      await client.query(`ALTER SYSTEM SET ${name} = ${client.escapeLiteral(value)}`);
    await client.end();
    await postgres.restart();
  }

  /** Connects like a service that was started with these variables. @returns whether it uses TLS */
  async function connectWith(query: string, env: Record<string, string> = {}, host = 'localhost') {
    const url = new URL(postgres.url());
    url.hostname = host;
    url.search = query;
    const given = { ...minimalService, NATS_URL, DATABASE_URL: url.href, ...env };
    const { DATABASE_URL } = loadConfig(Environment, given);
    const source = createDataSource({ url: DATABASE_URL, migrations: [] });
    try {
      await source.initialize();
      const [row] = await source.query<[{ ssl: boolean }]>(
        'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
      );
      return row.ssl;
    } finally {
      if (source.isInitialized) await source.destroy();
    }
  }

  it.each(['require', 'verify-ca', 'verify-full'])(
    'is required by sslmode=%s, and a server without it is refused',
    async (mode) => {
      await expect(connectWith(`sslmode=${mode}`)).rejects.toThrow(/does not support SSL/);
      await expect(
        connectWith(`sslmode=${mode}`, { DATABASE_CA_FILE: certificates.caFile }),
      ).rejects.toThrow(/does not support SSL/);
    },
  );

  describe('of a known authority', () => {
    beforeAll(() => useCertificate(certificates.server));

    it.each(['', 'sslmode=require', 'sslmode=verify-ca', 'sslmode=verify-full'])(
      'is used with "%s" and that authority',
      async (query) => {
        const { caFile: DATABASE_CA_FILE } = certificates;
        expect(await connectWith(query, { DATABASE_CA_FILE })).toBe(true);
      },
    );

    it('is not used without sslmode, or with sslmode=disable', async () => {
      expect(await connectWith('')).toBe(false);
      expect(await connectWith('sslmode=disable')).toBe(false);
    });

    it.each(['require', 'verify-ca', 'verify-full'])(
      'is refused with sslmode=%s if the authority is unknown, or the name is an address',
      async (mode) => {
        const query = `sslmode=${mode}`;
        const { caFile, otherCaFile } = certificates;
        const unknown = /unable to verify|self-signed|issuer/;
        await expect(connectWith(query)).rejects.toThrow(unknown);
        await expect(connectWith(query, { DATABASE_CA_FILE: otherCaFile })).rejects.toThrow(
          unknown,
        );
        await expect(connectWith(query, { DATABASE_CA_FILE: caFile }, '127.0.0.1')).rejects.toThrow(
          /does not match certificate/,
        );
      },
    );
  });

  it.each(['require', 'verify-ca', 'verify-full'])(
    'is refused with sslmode=%s for the certificate of another host',
    async (mode) => {
      await useCertificate(certificates.otherHost);
      const { caFile: DATABASE_CA_FILE } = certificates;
      await expect(connectWith(`sslmode=${mode}`, { DATABASE_CA_FILE })).rejects.toThrow(
        /does not match certificate/,
      );
    },
  );
});
