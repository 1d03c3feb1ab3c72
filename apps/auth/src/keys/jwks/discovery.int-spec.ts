import { createVerifier } from '@latchkey/verifier';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allowInsecureRequests, discoveryRequest, processDiscoveryResponse } from 'oauth4webapi';
import { AuthTestbed } from '../../../test/auth-testbed.js';

/** How a proxy rewrites the public path. */
const PROXIES: Readonly<Record<string, (path: string, base: string) => string>> = {
  'keeps the path': (path) => path,
  'strips the path': (path, base) => (path.startsWith(`${base}/`) ? path.slice(base.length) : path),
};

async function startProxy() {
  let target = '';
  let rewrite = (path: string) => path;
  const server: Server = createServer((incoming, outgoing) => {
    const { method, headers } = incoming;
    const url = target + rewrite(incoming.url ?? '/');
    const forwarded = httpRequest(url, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwardTo: (url: string) => (target = url),
    rewriteBy: (rewritten: typeof rewrite) => (rewrite = rewritten),
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

describe.each(['', '/', '/tenant', '/tenant/', '/a/b'])('an issuer with the path "%s"', (path) => {
  const base = path.replace(/\/$/, '');
  const testbed = new AuthTestbed();
  const { auth } = testbed;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let issuer: string;

  beforeAll(async () => {
    proxy = await startProxy();
    issuer = proxy.url + base;
    await testbed.start({ ISSUER: proxy.url + path });
    proxy.forwardTo(auth.url);
  });
  afterAll(async () => {
    await proxy.close();
    await testbed.close();
  });

  describe.each(Object.keys(PROXIES))('behind a proxy that %s', (proxied) => {
    beforeAll(() => proxy.rewriteBy((url) => (base === '' ? url : PROXIES[proxied]!(url, base))));

    it('is discovered by RFC 8414 §3.1, and its endpoints and JWKS work', async () => {
      const identifier = new URL(issuer);
      const response = await discoveryRequest(identifier, {
        algorithm: 'oauth2',
        [allowInsecureRequests]: true,
      });
      expect(response.url).toBe(
        `${identifier.origin}/.well-known/oauth-authorization-server${base}`,
      );
      const metadata = (await response.clone().json()) as Record<string, string>;
      expect(metadata['issuer']).toBe(issuer);
      // A URL object always has a path, so an issuer without one cannot be compared exactly.
      if (base !== '') await processDiscoveryResponse(identifier, response);
      for (const endpoint of ['token_endpoint', 'revocation_endpoint', 'introspection_endpoint']) {
        const answer = await fetch(metadata[endpoint]!, { method: 'POST' });
        expect([endpoint, answer.status]).toEqual([endpoint, 400]);
      }
      const options = { issuer, audience: 'orders', revocations: 'ignore' } as const;
      const username = await auth.register();
      const { access_token: token, sid } = await auth.logIn(username);
      for (const verifier of [
        createVerifier(options),
        createVerifier({ ...options, jwksUri: metadata['jwks_uri']! }),
      ]) {
        expect(await verifier.verify(token)).toMatchObject({ issuer, sessionId: sid });
        verifier.close();
      }
    });

    it('is not found at the path of another issuer', async () => {
      const other = `${new URL(issuer).origin}/.well-known/oauth-authorization-server/other`;
      expect((await fetch(other)).status).toBe(404);
    });
  });
});
