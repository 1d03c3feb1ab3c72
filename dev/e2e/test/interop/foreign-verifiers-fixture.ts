import fastifyJwt, { type TokenOrHeader } from '@fastify/jwt';
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import { fastify, type FastifyRequest } from 'fastify';
import buildGetJwks from 'get-jwks';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as oauth from 'oauth4webapi';
import { OVER_HTTP } from './token-clients-fixture.js';

export interface Expected {
  readonly issuer: string;
  readonly audience: string;
}

export interface ProtectedServer {
  readonly url: string;
  close(): Promise<void>;
}

/** A server that verifies tokens with another library, with every check that the library offers. */
export interface ForeignVerifier {
  readonly name: string;
  /** Whether it finds the keys through the metadata. The others are given the URL of the key set. */
  readonly discovers?: true;
  /** The status for a token of another type by the same issuer. Default 401. */
  readonly anotherType?: number;
  readonly protect: (expected: Expected) => Promise<ProtectedServer>;
}

const TYPE = 'at+jwt';
const keySetOf = (issuer: string) => `${issuer}/.well-known/jwks.json`;

async function listen(listener: RequestListener): Promise<ProtectedServer> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server for a library without a middleware. */
const guarded = (verify: (token: string, authorization: string) => Promise<unknown>) =>
  listen((request, response) => {
    const { authorization = '' } = request.headers;
    verify(authorization.slice('Bearer '.length), authorization).then(
      () => response.writeHead(200).end(),
      () => response.writeHead(401).end(),
    );
  });

function onExpress(guard: RequestHandler): Promise<ProtectedServer> {
  const refuse: ErrorRequestHandler = (error: { status?: number }, _request, response, _next) => {
    response.status(error.status ?? 500).end();
  };
  const ok: RequestHandler = (_request, response) => {
    response.status(200).end();
  };
  const app = express().use(guard).get('/', ok).use(refuse);
  return listen((request, response) => void app(request, response));
}

const jose: ForeignVerifier = {
  name: 'jose',
  protect({ issuer, audience }) {
    const keys = createRemoteJWKSet(new URL(keySetOf(issuer)));
    const options = { issuer, audience, typ: TYPE, algorithms: ['RS256'] };
    return guarded((token) => jwtVerify(token, keys, options));
  },
};

const oauth4webapi: ForeignVerifier = {
  name: 'oauth4webapi',
  protect({ issuer, audience }) {
    const server = { issuer, jwks_uri: keySetOf(issuer) };
    return guarded((_, authorization) => {
      const request = new Request('http://localhost/', { headers: { authorization } });
      return oauth.validateJwtAccessToken(server, request, audience, OVER_HTTP);
    });
  },
};

const bearerByDiscovery: ForeignVerifier = {
  name: 'express-oauth2-jwt-bearer with our metadata',
  discovers: true,
  protect: ({ issuer, audience }) =>
    onExpress(auth({ issuerBaseURL: issuer, audience, strict: true })),
};

const bearerByKeySet: ForeignVerifier = {
  name: 'express-oauth2-jwt-bearer with our key set',
  protect: ({ issuer, audience }) =>
    onExpress(
      auth({
        issuer,
        audience,
        jwksUri: keySetOf(issuer),
        tokenSigningAlg: 'RS256',
        strict: true,
      }),
    ),
};

/** A process of its own: jwks-rsa requires jose, an ES module, which Node can do and Jest can't. */
const expressJwt: ForeignVerifier = {
  name: 'express-jwt with jwks-rsa',
  anotherType: 200, // jsonwebtoken, which it uses, has no option for `typ`
  async protect({ issuer, audience }) {
    const file = join(import.meta.dirname, 'express-jwt-server.mjs');
    const child = spawn(process.execPath, [file, issuer, audience], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    const [url] = await Promise.race([
      once(createInterface(child.stdout), 'line') as Promise<[string]>,
      ended.then(([code]) => Promise.reject(new Error(`the server ended with ${code}`))),
    ]);
    return {
      url,
      close: async () => {
        child.stdin.end();
        await ended;
      },
    };
  },
};

const fastifyWithGetJwks: ForeignVerifier = {
  name: '@fastify/jwt with get-jwks',
  anotherType: 500, // it does not handle this error of fast-jwt
  async protect({ issuer, audience }) {
    const getJwks = buildGetJwks({ issuersWhitelist: [issuer] });
    const app = fastify();
    await app.register(fastifyJwt, {
      decode: { complete: true },
      verify: {
        allowedIss: issuer,
        allowedAud: audience,
        checkTyp: TYPE,
        algorithms: ['RS256'],
      },
      secret: (_request: FastifyRequest, token: TokenOrHeader) => {
        const { alg, kid } = 'header' in token ? token.header : token;
        return getJwks.getPublicKey({ domain: issuer, alg, ...(kid !== undefined && { kid }) });
      },
    });
    app.addHook('onRequest', async (request) => {
      await request.jwtVerify();
    });
    app.get('/', () => 'ok');
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    return { url, close: () => app.close() };
  },
};

const awsJwtVerify: ForeignVerifier = {
  name: 'aws-jwt-verify',
  protect({ issuer, audience }) {
    // The default fetcher accepts only https URLs.
    const fetcher = { fetch: async (uri: string) => (await fetch(uri)).arrayBuffer() };
    const verifier = JwtVerifier.create(
      {
        issuer,
        audience,
        jwksUri: keySetOf(issuer),
        customJwtCheck: ({ header }) => {
          if (header['typ'] !== TYPE) throw new Error('not an access token');
        },
      },
      { jwksCache: new SimpleJwksCache({ fetcher }) },
    );
    return guarded((token) => verifier.verify(token));
  },
};

export const FOREIGN_VERIFIERS = [
  jose,
  oauth4webapi,
  bearerByDiscovery,
  bearerByKeySet,
  expressJwt,
  fastifyWithGetJwks,
  awsJwtVerify,
];
