import { createRemoteJWKSet, jwtVerify } from 'jose';
import { startJwksServer, type JwksBehaviour, type JwksServer } from './jwks-server.js';
import { makeIssuer } from './test-issuer.js';

describe('startJwksServer', () => {
  let server: JwksServer;
  beforeEach(async () => {
    server = await startJwksServer();
  });
  afterEach(() => server.close());

  const answerOf = (behaviour: JwksBehaviour, timeoutMs = 20_000) => {
    server.behave(behaviour);
    return fetch(server.url, { redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
  };

  it('serves the keys of an issuer, and counts requests', async () => {
    const issuer = await makeIssuer({ issuer: server.origin });
    server.serve(issuer);
    await jwtVerify(await issuer.makeToken(), createRemoteJWKSet(new URL(server.url)));
    expect(server.requests).toBe(1);
  });

  it('misbehaves on request', async () => {
    expect((await answerOf('error')).status).toBe(500);
    await expect((await answerOf('garbage')).json()).rejects.toThrow('not valid JSON');
    await expect((await answerOf('empty')).json()).resolves.toEqual({ keys: [] });
    expect((await answerOf('redirect')).headers.get('location')).toBe('/moved/jwks.json');
    await expect(answerOf('hang', 500)).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(answerOf('cut')).rejects.toThrow('fetch failed');
    expect((await answerOf('ok')).status).toBe(200);
    expect(server.requests).toBe(7);
  });
});
