import {
  SNAPSHOT_AUDIENCE,
  SNAPSHOT_KINDS,
  SNAPSHOT_TYPE,
  type SnapshotClaims,
} from '@latchkey/contracts';
import { DenyList } from '@latchkey/deny-list';
import { makeIssuer, type TestIssuer } from '@latchkey/testing';
import { jwtVerify } from 'jose';
import { createHash, createPublicKey, generateKeyPairSync, randomUUID, verify } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { downloadSnapshot } from './snapshot-download.js';
import { readSnapshotSource, type SnapshotSource } from './snapshot-source.js';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
const nowSeconds = () => Math.floor(Date.now() / 1000);
/** The snapshot revokes what was issued before. */
const REVOKED_AT = nowSeconds();

/** Encodes an entry independently of the code that reads it. */
function entry(kind: (typeof SNAPSHOT_KINDS)[number], name: string, before?: number): Buffer {
  const text = Buffer.from(name);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(SNAPSHOT_KINDS.indexOf(kind) * 4096 + text.length, 0);
  head.writeUInt32BE(nowSeconds() + 300, 4);
  const time = Buffer.alloc(before === undefined ? 0 : 8);
  if (before !== undefined) time.writeBigUInt64BE(BigInt(before));
  return Buffer.concat([head, time, text]);
}

const CHUNKS = [
  Buffer.concat([entry('session', 's1'), entry('token', 't1'), entry('key', 'k1')]),
  Buffer.concat([entry('subject', 'ada', REVOKED_AT), entry('client', 'wëb', REVOKED_AT)]),
];

const NONE = { session: 0, token: 0, subject: 0, client: 0, key: 0 };

function framed(chunk: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(chunk.length);
  return Buffer.concat([length, chunk]);
}

interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

/** The server stands in for the auth service, or for an adversary in the middle. */
describe('downloadSnapshot', () => {
  let issuer: TestIssuer;
  let server: Server;
  let answer: (response: ServerResponse, request: Received) => void;
  let denyList: DenyList;

  beforeEach(async () => {
    issuer = await makeIssuer();
    denyList = new DenyList();
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => {
        const { method, headers } = request;
        answer(response, { method, headers, form: new URLSearchParams(body) });
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const snapshot = async (more: Partial<SnapshotClaims> = {}, chunks: Buffer[] = CHUNKS) => {
    const digests = Buffer.concat(chunks.map(sha256));
    const claims: SnapshotClaims = {
      iss: issuer.issuer,
      iat: nowSeconds(),
      jti: randomUUID(),
      aud: SNAPSHOT_AUDIENCE,
      time_ms: Date.now(),
      through: 9,
      epoch: randomUUID(),
      position: 4,
      entries: { session: 1, token: 1, subject: 1, client: 1, key: 1 },
      chunks: chunks.length,
      digest: sha256(digests).toString('base64url'),
      ...more,
    };
    const line = await issuer.sign({ typ: SNAPSHOT_TYPE }, claims);
    return { line, digests, chunks };
  };
  type Parts = Awaited<ReturnType<typeof snapshot>>;
  const bytesOf = ({ line, digests, chunks }: Parts) =>
    Buffer.concat([Buffer.from(`${line}\n`), digests, ...chunks.map(framed)]);
  const serve = (body: Buffer) => {
    answer = (response) => response.end(body);
  };

  const verifyHead = (jws: string) => {
    const [header = '', payload = '', signature = ''] = jws.split('.');
    const [jwk] = issuer.jwks().keys;
    const key = createPublicKey({ key: jwk!, format: 'jwk' });
    const signed = Buffer.from(`${header}.${payload}`);
    if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url')))
      return Promise.reject(new Error('not signed by the issuer'));
    return Promise.resolve(JSON.parse(Buffer.from(payload, 'base64url').toString()) as unknown);
  };
  const download = (timeoutSeconds = 5, more: Partial<SnapshotSource> = {}) =>
    downloadSnapshot(
      readSnapshotSource({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/revocations/snapshot`,
        clientId: 'orders',
        authentication: { clientSecret: 'a secret: 100%' },
        timeoutSeconds,
        ...more,
      }),
      {
        denyList,
        verify: verifyHead,
        issuer: issuer.issuer,
        signal: new AbortController().signal,
      },
    );
  const isDenied = (more: object) =>
    denyList.isRevoked({
      issuer: issuer.issuer,
      subject: 'x',
      clientId: 'x',
      tokenId: 'x',
      sessionId: 'x',
      keyId: 'x',
      issuedAt: REVOKED_AT - 10,
      ...more,
    });

  it('applies revocations of every kind, however the body is split up', async () => {
    const body = bytesOf(await snapshot());
    answer = (response) => {
      const send = (offset: number) => {
        if (offset >= body.length) return void response.end();
        response.write(body.subarray(offset, offset + 7), () => setImmediate(send, offset + 7));
      };
      send(0);
    };
    expect(await download()).toMatchObject({ entries: { session: 1, key: 1 }, through: 9 });
    const named = [
      { sessionId: 's1' },
      { tokenId: 't1' },
      { keyId: 'k1' },
      { subject: 'ada' },
      { clientId: 'wëb' },
    ];
    for (const name of named) expect(isDenied(name)).toBe(true);
    expect(isDenied({})).toBe(false);
    expect(isDenied({ subject: 'ada', issuedAt: nowSeconds() + 1 })).toBe(false);
  });

  it('authenticates as a client', async () => {
    const body = bytesOf(await snapshot());
    const asked: Received[] = [];
    answer = (response, request) => {
      asked.push(request);
      response.end(body);
    };
    await download();
    const credentials = Buffer.from('orders:a+secret%3A+100%25').toString('base64');
    const [bySecret] = asked;
    expect(bySecret).toMatchObject({
      method: 'GET',
      headers: { authorization: `Basic ${credentials}` },
    });
    expect(bySecret!.form.size).toBe(0);

    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    for (let time = 0; time < 2; time++)
      await download(5, { authentication: { privateKey }, issuer: issuer.issuer });
    const ids = await Promise.all(
      asked.slice(1).map(async ({ method, headers, form }) => {
        expect([method, headers.authorization]).toEqual(['POST', undefined]);
        expect(form.get('client_id')).toBe('orders');
        const expected = { issuer: 'orders', subject: 'orders', audience: issuer.issuer };
        return (await jwtVerify(form.get('client_assertion')!, publicKey, expected)).payload.jti;
      }),
    );
    expect(new Set(ids).size).toBe(2);
  });

  it('accepts an empty snapshot', async () => {
    serve(bytesOf(await snapshot({ entries: NONE }, [])));
    expect(await download()).toMatchObject({ entries: NONE, chunks: 0 });
  });

  const flipped = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at < 0 ? copy.length + at : at]! ^= 1;
    return copy;
  };

  it.each<[string, () => Promise<Buffer>]>([
    [
      'signed by an untrusted key',
      async () => {
        const stranger = await makeIssuer();
        const parts = await snapshot();
        const payload = JSON.parse(
          Buffer.from(parts.line.split('.')[1]!, 'base64url').toString(),
        ) as object;
        return bytesOf({ ...parts, line: await stranger.sign({ typ: SNAPSHOT_TYPE }, payload) });
      },
    ],
    ['from another issuer', async () => bytesOf(await snapshot({ iss: 'https://other.test' }))],
    [
      'kept back for a minute',
      async () => bytesOf(await snapshot({ time_ms: Date.now() - 61_000 })),
    ],
    ['with a chunk that was changed', async () => flipped(bytesOf(await snapshot()), -1)],
    [
      'with chunks in another order',
      async () => {
        const parts = await snapshot();
        return bytesOf({ ...parts, chunks: [...parts.chunks].reverse() });
      },
    ],
    [
      'with a chunk left out',
      async () => {
        const parts = await snapshot();
        return bytesOf({ ...parts, chunks: parts.chunks.slice(1) });
      },
    ],
    [
      'with digests that were not signed',
      async () => {
        const parts = await snapshot();
        const chunks = [CHUNKS[0]!, entry('session', 's2')];
        return bytesOf({ ...parts, chunks, digests: Buffer.concat(chunks.map(sha256)) });
      },
    ],
    ['that ends too early', async () => bytesOf(await snapshot()).subarray(0, -3)],
    [
      'that continues after its end',
      async () => Buffer.concat([bytesOf(await snapshot()), Buffer.from('x')]),
    ],
    [
      'that lacks entries',
      async () => bytesOf(await snapshot({ entries: { ...NONE, session: 6 } })),
    ],
    ...SNAPSHOT_KINDS.map((kind): [string, () => Promise<Buffer>] => [
      `that declares its ${kind} entry as another kind`,
      async () => {
        const other = kind === 'session' ? 'token' : 'session';
        const entries = { session: 1, token: 1, subject: 1, client: 1, key: 1 };
        return bytesOf(await snapshot({ entries: { ...entries, [kind]: 0, [other]: 2 } }));
      },
    ]),
    [
      'with a chunk of garbage',
      async () =>
        bytesOf(await snapshot({ entries: { ...NONE, key: 1 } }, [Buffer.alloc(40, 0xff)])),
    ],
    [
      'with a chunk of four gigabytes',
      async () => {
        const { line, digests } = await snapshot();
        return Buffer.concat([Buffer.from(`${line}\n`), digests, Buffer.alloc(4, 0xff)]);
      },
    ],
    ['with an endless head', () => Promise.resolve(Buffer.alloc(20_000, 'a'))],
    ['without a head', () => Promise.resolve(Buffer.from('\n'))],
    ['without a body', () => Promise.resolve(Buffer.alloc(0))],
  ])('refuses a snapshot %s', async (_, make) => {
    serve(await make());
    await expect(download()).rejects.toThrow();
    expect(isDenied({})).toBe(false);
    expect(isDenied({ sessionId: 's2' })).toBe(false);
  });

  it.each([204, 301, 302, 401, 404, 429, 500, 503])('fails on status %d', async (status) => {
    answer = (response) => response.writeHead(status, { location: '/elsewhere' }).end();
    await expect(download()).rejects.toThrow(`answered ${status} to a snapshot request`);
  });

  it.each([
    [401, 'check snapshot.clientId and snapshot.authentication'],
    [404, 'check snapshot.url'],
  ])('says what to check on status %d', async (status, advice) => {
    answer = (response) => response.writeHead(status).end();
    await expect(download()).rejects.toThrow(advice);
  });

  it('fails after the timeout', async () => {
    answer = (response) => response.write('a');
    await expect(download(0.1)).rejects.toThrow();
  });

  it('fails when the body stalls, however long the timeout is', async () => {
    answer = () => undefined;
    await expect(download(60)).rejects.toThrow('stopped sending');
  });
});
