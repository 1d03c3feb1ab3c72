import { createTestCertificates } from '@latchkey/testing/certificates';
import { nkeys } from '@nats-io/transport-node';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { serviceEnvironment } from '../src/environment.js';
import { required, type VariableRows } from './environment.suite.js';

const certificates = await createTestCertificates();
afterAll(() => certificates.remove());
const { caFile, client } = certificates;

/** The format that `nsc` writes. The token is not signed, because clients do not verify it. */
const credsFile = join(caFile, '../orders.creds');
const seedOf = (pair: { getSeed(): Uint8Array }) => new TextDecoder().decode(pair.getSeed());
const SEED = seedOf(nkeys.createUser());
writeFileSync(
  credsFile,
  `-----BEGIN NATS USER JWT-----\nheader.claims.signature\n------END NATS USER JWT------\n
-----BEGIN USER NKEY SEED-----\n${SEED}\n------END USER NKEY SEED------\n`,
);

/** Seconds, with or without a fraction. */
export const SECONDS = {
  wrongType: ['soon', '5s', '1,5', 'NaN', 'Infinity'],
  outOfRange: ['0', '-1', '1e12'],
} as const;
export const COUNT = { wrongType: ['many', '0x', '1_000'] } as const;
export const HTTP_URL = {
  wrongType: [
    'auth.example.com',
    'ftp://auth.example.com',
    'https://',
    '"https://auth.example.com"',
    'https://auth.exam\nple.com',
    'https://auth.example.com/a b',
    'https://auth.example.com\u200b',
  ],
  outOfRange: ['https://ada:hunter2@auth.example.com'],
} as const;
/** Origins as people write them, and as browsers send them. */
export const ORIGINS = {
  good: 'https://Shop.Example.com:443/, http://LOCALHOST:5173, https://shop.example.com,http://[::1]:80',
  reads: ['https://shop.example.com', 'http://localhost:5173', 'http://[::1]'],
  wrongType: [
    'hunter2',
    'shop.example.com',
    '*',
    'null',
    'https://*.example.com',
    'https://shop.example.com,',
    'https://shop.example.com,,https://auth.example.com',
    'https://shop.example.com https://auth.example.com',
    '"https://shop.example.com"',
    'https://shop.exam\nple.com',
    'https://shop.example.com\u200b',
    'ftp://shop.example.com',
    'file:///index.html',
    'chrome-extension://hunter2',
    'https:shop.example.com',
    'https:\\\\shop.example.com',
    'https://',
  ],
  outOfRange: [
    'https://shop.example.com/app',
    'https://shop.example.com//',
    'https://shop.example.com?hunter2',
    'https://shop.example.com/?',
    'https://shop.example.com/#',
    'https://ada:hunter2@shop.example.com',
    'https://shop.example.com:65536',
    'http://shop.example.com',
    'http://192.168.0.7:5173',
    'http://localhost.example.com',
  ],
} as const;
/** A missing file, a directory, and a file with other content. */
export const CERTIFICATE_FILE = {
  good: caFile,
  wrongType: [join(caFile, '../missing.pem'), join(caFile, '..'), credsFile],
  outOfRange: 'none',
} as const;
export const AUTHORITIES_FILE = { ...CERTIFICATE_FILE, fallback: 'system certificates' } as const;
/** Docker's `--env-file` keeps quotes as they are. */
export const NAME = {
  wrongType: ['"things"', "'things'", 'thi\nngs', 'thi ngs', 'things\u200b'],
  outOfRange: 'none',
} as const;
export const DATABASE_URL = {
  wrongType: [
    'hunter2',
    'mysql://ada:hunter2@host/db',
    'postgres//ada:hunter2@host/db',
    '"postgres://ada:hunter2@host/db"',
    'post\ngres://ada:hunter2@host/db',
    'postgres://ada:hunter2@host/db\u200b',
  ],
  outOfRange: [
    'postgres://ada:hunter2@host/db?sslmode=prefer',
    'postgres://ada:hunter2@host/db?sslmode=allow',
    'postgres://ada:hunter2@host/db?sslmode=no-verify',
    'postgres://ada:hunter2@host/db?sslmode=',
    'postgres://ada:hunter2@host/db?ssl=true',
    'postgres://ada:hunter2@host/db?sslmode=require&uselibpqcompat=true',
    'postgres://ada:hunter2@host/db?sslrootcert=/ca.pem',
  ],
} as const;

/** `key=value` pairs, whose values may be secrets. */
const PAIRS = {
  wrongType: [
    'hunter2',
    'a=hunter2,',
    '=hunter2',
    'a b=hunter2',
    'a=hunter2;b',
    'a=%zz',
    'a=1,a=2',
    'a=é',
  ],
} as const;

const TLS = { NATS_URL: 'tls://nats.example.com:4222' };

/** The rows of the variables that every service reads. */
export const serviceRows: VariableRows<typeof serviceEnvironment> = {
  HOST: {
    ...{ good: '::', absent: '127.0.0.1' },
    wrongType: ['"0.0.0.0"', "'localhost'", '0.0.0.0:4000', '[::]', 'http://a', 'a b', 'a\u200b'],
    outOfRange: ['256.0.0.1', '127.1', `${'a'.repeat(254)}`],
  },
  PORT: {
    good: '4000',
    reads: 4000,
    absent: required,
    wrongType: ['eighty', '4000/tcp', 'NaN'],
    outOfRange: ['65536', '-1', '80.5'],
  },
  MANAGEMENT_PORT: {
    good: '9000',
    reads: 9000,
    fallback: 'the same as `PORT`',
    wrongType: ['eighty', '4000/tcp', 'NaN'],
    outOfRange: ['65536', '-1', '80.5'],
  },
  SHUTDOWN_DRAIN_SECONDS: {
    ...{ good: '5', reads: 5, absent: 0 },
    wrongType: SECONDS.wrongType,
    outOfRange: ['-1', '301'],
  },
  CORS_ORIGINS: { ...ORIGINS, absent: [] },
  LIVE_EVENTS: {
    ...{ good: 'true', reads: true, absent: false },
    wrongType: ['yes', 'TRUE', '1'],
    outOfRange: 'none',
  },
  LOG_LEVEL: { good: 'debug', absent: 'info', wrongType: ['chatty', 'INFO'], outOfRange: 'none' },
  DATABASE_URL: {
    good: 'Postgres://orders:hunter2@host:5432/orders',
    reads: 'postgres://orders:hunter2@host:5432/orders',
    absent: required,
    ...DATABASE_URL,
  },
  DATABASE_CA_FILE: AUTHORITIES_FILE,
  DATABASE_POOL_SIZE: {
    good: '5',
    reads: 5,
    absent: 10,
    ...COUNT,
    outOfRange: ['0', '1', '101', '2.5'],
  },
  NATS_URL: {
    good: 'nats://a:4222, nats://b',
    reads: 'nats://a:4222,nats://b',
    absent: required,
    wrongType: ['http://127.0.0.1', 'nats://a,nats:// b', 'host:4222', '"nats://a"', 'nats://a\nb'],
    outOfRange: ['nats://ada:hunter2@a', 'tls://127.0.0.1', 'tls://a,nats://b'],
  },
  NATS_USER: { good: 'orders', ...NAME },
  NATS_PASSWORD: {
    good: 'hunter2',
    wrongType: 'none',
    outOfRange: 'none',
    with: { NATS_USER: 'orders' },
  },
  NATS_CA_FILE: { ...AUTHORITIES_FILE, with: TLS },
  NATS_CERT_FILE: {
    ...CERTIFICATE_FILE,
    good: client.certFile,
    with: { ...TLS, NATS_KEY_FILE: client.keyFile },
  },
  NATS_KEY_FILE: {
    ...CERTIFICATE_FILE,
    good: client.keyFile,
    with: { ...TLS, NATS_CERT_FILE: client.certFile },
  },
  NATS_CREDS_FILE: { ...CERTIFICATE_FILE, good: credsFile, wrongType: [caFile] },
  NATS_NKEY_SEED: {
    good: SEED,
    wrongType: ['hunter2', SEED.toLowerCase()],
    outOfRange: [seedOf(nkeys.createAccount())],
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    good: 'http://collector:4318/',
    reads: 'http://collector:4318',
    ...HTTP_URL,
  },
  OTEL_EXPORTER_OTLP_PROTOCOL: {
    ...{ good: 'http/json', absent: 'http/protobuf' },
    wrongType: ['HTTP/JSON', 'json'],
    outOfRange: ['grpc'],
  },
  OTEL_EXPORTER_OTLP_HEADERS: {
    good: 'authorization=Bearer%20hunter2, x-team = a=b',
    reads: { authorization: 'Bearer hunter2', 'x-team': 'a=b' },
    ...PAIRS,
    outOfRange: ['a=hunter2%0d%0ab'],
  },
  OTEL_EXPORTER_OTLP_TIMEOUT: {
    ...{ good: '1000', reads: 1_000, absent: 10_000 },
    ...COUNT,
    outOfRange: ['0', '-1', '0.5', '600001'],
  },
  OTEL_SERVICE_NAME: { good: 'shop-orders', ...NAME },
  OTEL_RESOURCE_ATTRIBUTES: {
    good: 'deployment.environment.name=prod,team=a%2Cb',
    reads: { 'deployment.environment.name': 'prod', team: 'a,b' },
    ...PAIRS,
    outOfRange: 'none',
  },
  OTEL_TRACES_SAMPLER: {
    ...{ good: 'traceidratio', absent: 'parentbased_always_on' },
    wrongType: ['always', 'ALWAYS_ON'],
    outOfRange: ['jaeger_remote', 'parentbased_jaeger_remote', 'xray'],
  },
  OTEL_TRACES_SAMPLER_ARG: {
    ...{ good: '0.25', reads: 0.25, absent: 1 },
    wrongType: ['half', '10%', 'NaN'],
    outOfRange: ['-0.1', '1.1', '25'],
  },
  OTEL_BSP_SCHEDULE_DELAY: {
    ...{ good: '1000', reads: 1_000, absent: 5_000 },
    ...COUNT,
    outOfRange: ['0', '-1', '0.5', '600001'],
  },
  OTEL_BSP_MAX_QUEUE_SIZE: {
    ...{ good: '512', reads: 512, absent: 2_048 },
    ...COUNT,
    outOfRange: ['0', '-1', '0.5', '100001'],
  },
  OTEL_SDK_DISABLED: {
    ...{ good: 'true', reads: true, absent: false },
    wrongType: ['yes', 'TRUE', '1'],
    outOfRange: 'none',
  },
  ISSUER: {
    good: 'https://auth.example.com/',
    reads: 'https://auth.example.com',
    absent: required,
    ...HTTP_URL,
  },
};

/** The required variables of a service that accepts no access tokens. */
export const minimalService = {
  PORT: '4000',
  DATABASE_URL: 'postgres://orders:hunter2@127.0.0.1:5432/orders',
  ISSUER: 'https://auth.example.com/',
};
