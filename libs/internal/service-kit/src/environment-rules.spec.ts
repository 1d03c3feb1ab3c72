import { createTestCertificates } from '@latchkey/testing/certificates';
import { z } from 'zod';
import { serviceRules } from './environment-rules.js';
import { serviceEnvironment } from './environment.js';
import { loadConfig } from './load-config.js';
import { minimalService, serviceRows } from '../test/service-rows.suite.js';

const Environment = z.object(serviceEnvironment).check(...serviceRules);
const minimal = { ...minimalService, NATS_URL: 'nats://a:4222' };
const certificates = await createTestCertificates();
afterAll(() => certificates.remove());
const { caFile, client } = certificates;
const seed = serviceRows.NATS_NKEY_SEED.good;
const TLS = { NATS_URL: 'tls://a' };

function complaints(env: Record<string, string>): string[] {
  try {
    loadConfig(Environment, env);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
}

describe('the rules of every service', () => {
  it.each<[Record<string, string>, string[]]>([
    [{}, []],
    [{ HOST: 'auth_1.default.svc.cluster.local.' }, []],
    [{ NATS_USER: 'orders' }, []],
    [{ NATS_USER: 'orders', NATS_PASSWORD: 'hunter2' }, []],
    [{ NATS_USER: 'orders', NATS_NKEY_SEED: seed }, []],
    [{ NATS_NKEY_SEED: seed }, []],
    [{ NATS_PASSWORD: 'hunter2' }, ['NATS_USER is not set: NATS_PASSWORD requires it']],
    [
      { NATS_USER: 'orders', NATS_PASSWORD: 'hunter2', NATS_NKEY_SEED: seed },
      ['NATS_NKEY_SEED is wrong: cannot be combined with NATS_PASSWORD: set one of them'],
    ],
    [{ ...TLS, NATS_CA_FILE: caFile }, []],
    [
      { NATS_CA_FILE: caFile },
      ['NATS_CA_FILE is wrong: has no effect unless NATS_URL starts with tls://'],
    ],
    [{ ...TLS, NATS_CERT_FILE: client.certFile, NATS_KEY_FILE: client.keyFile }, []],
    [
      { ...TLS, NATS_CERT_FILE: client.certFile },
      ['NATS_KEY_FILE is not set: NATS_CERT_FILE requires it'],
    ],
    [
      { ...TLS, NATS_KEY_FILE: client.keyFile },
      ['NATS_CERT_FILE is not set: NATS_KEY_FILE requires it'],
    ],
    [
      { DATABASE_URL: 'postgres://host/db?sslmode=disable', DATABASE_CA_FILE: caFile },
      ['DATABASE_CA_FILE is wrong: has no effect with sslmode=disable in DATABASE_URL'],
    ],
  ])('for %j report %j', (env, expected) => {
    expect(complaints({ ...minimal, ...env })).toEqual(expected.map((line) => `  ${line}`));
    // Another mistake does not hide these.
    const others = complaints({ ...minimal, ...env, PORT: 'eighty' });
    expect(others).toEqual(expect.arrayContaining(expected.map((line) => `  ${line}`)));
    expect(others).toHaveLength(expected.length + 1);
  });

  it.each([
    ['Postgres://u:p%40@h/d', 'postgres://u:p%40@h/d'],
    ['postgres://u:p%40@h/d?sslmode=disable', 'postgres://u:p%40@h/d?sslmode=disable'],
    ['postgres://u:p%40@h/d?sslmode=require', 'postgres://u:p%40@h/d?sslmode=verify-full'],
    [
      'postgres://u:p%40@h/d?sslmode=verify-ca&application_name=x',
      'postgres://u:p%40@h/d?sslmode=verify-full&application_name=x',
    ],
  ])('make the TLS mode of %s explicit', (DATABASE_URL, expected) => {
    expect(loadConfig(Environment, { ...minimal, DATABASE_URL }).DATABASE_URL).toBe(expected);
  });
});
