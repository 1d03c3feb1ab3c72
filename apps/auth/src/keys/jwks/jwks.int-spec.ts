import { InMemorySigningKeyStore, KeyEncryption, KeyRing } from '@latchkey/issuer';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { ProblemError } from '@latchkey/service-kit';
import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { JwksController } from './jwks.controller.js';
import { ServerMetadataController } from './server-metadata.controller.js';
import { KEYS_OPTIONS } from '../keys.module-definition.js';

const options = { issuer: 'http://127.0.0.1:4000', publishAheadSeconds: 60 };
const policy = {
  publishAheadSeconds: 0,
  rotationSeconds: 3600,
  retireAfterSeconds: 3600,
  maxReadingAgeSeconds: 30,
};
const makeRing = () =>
  new KeyRing({
    store: new InMemorySigningKeyStore(),
    encryption: new KeyEncryption(randomBytes(32)),
    policy,
  });

describe('JwksController and ServerMetadataController', () => {
  let app: NestFastifyApplication;
  let ring: KeyRing;
  let url: string;

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/.well-known/${path}`, { headers });

  beforeAll(async () => {
    ring = makeRing();
    await ring.maintain();
    @Module({
      controllers: [JwksController, ServerMetadataController],
      providers: [
        { provide: KeyRing, useValue: ring },
        { provide: KEYS_OPTIONS, useValue: options },
      ],
    })
    class TestModule {}
    app = await NestFactory.create(TestModule, new FastifyAdapter(), { logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });

  afterAll(() => app.close());

  it('serves the published keys, with a cache lifetime below the publish-ahead time', async () => {
    const reply = await get('jwks.json');
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^application\/jwk-set\+json/);
    const maxAge = /max-age=(\d+)/.exec(reply.headers.get('cache-control') ?? '')?.[1];
    expect(Number(maxAge)).toBeGreaterThan(0);
    expect(Number(maxAge)).toBeLessThan(options.publishAheadSeconds);
    const { keys } = (await reply.json()) as { keys: { kid: string }[] };
    expect(keys.map(({ kid }) => kid).sort()).toEqual(ring.publicKeys.map(({ kid }) => kid).sort());
    for (const key of keys)
      expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  it('answers 304 without a body if the key set is unchanged, and 200 after a rotation', async () => {
    const etag = (await get('jwks.json')).headers.get('etag')!;
    const same = await get('jwks.json', { 'if-none-match': etag });
    expect(same.status).toBe(304);
    expect(await same.text()).toBe('');
    expect(same.headers.get('etag')).toBe(etag);
    expect(same.headers.get('cache-control')).toMatch(/max-age/);
    await ring.rotate();
    const changed = await get('jwks.json', { 'if-none-match': etag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it('answers while password hashing fills the thread pool', async () => {
    let finished = 0;
    const hashing = Array.from({ length: 16 }, () =>
      promisify(pbkdf2)('password', 'salt', 200_000, 64, 'sha512').then(() => (finished += 1)),
    );
    expect((await get('jwks.json')).status).toBe(200);
    expect(finished).toBeLessThan(hashing.length);
    await Promise.all(hashing);
  });

  it('serves metadata under the exact issuer', async () => {
    const reply = await get('oauth-authorization-server');
    expect(await reply.json()).toMatchObject({
      issuer: options.issuer,
      jwks_uri: 'http://127.0.0.1:4000/.well-known/jwks.json',
    });
  });

  it('answers 503, not an empty key set, before the keys are loaded', () => {
    const controller = new JwksController(makeRing(), options);
    const serve = () => controller.serve(undefined, undefined as never);
    expect(serve).toThrow(ProblemError);
    expect(serve).toThrow(/not loaded/);
  });
});
