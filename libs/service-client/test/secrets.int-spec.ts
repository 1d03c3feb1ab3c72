import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { waitFor } from '@latchkey/testing';
import { TestServer, type Reply } from './test-server.js';
import { SECRET, useTokenIssuer } from './token-issuer-fixture.js';
import { createServiceClient, type ServiceTokensOptions } from '../src/index.js';

const bed = useTokenIssuer();

/** All texts that a log could make of an error, with everything behind it. */
function textsOf(error: unknown): string {
  const shown = inspect(error, { depth: Infinity, showHidden: true, getters: true });
  const properties = error instanceof Error ? Object.getOwnPropertyNames(error) : [];
  const members = properties.map((name) => String((error as Record<string, unknown>)[name]));
  return [shown, JSON.stringify(error), String(error), ...members].join('\n');
}

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const AUTHENTICATIONS: [string, ServiceTokensOptions['authentication']][] = [
  ['client_secret_basic', { clientSecret: SECRET }],
  ['private_key_jwt', { privateKey }],
];

describe.each(AUTHENTICATIONS)('no secret appears in an error, with %s,', (_, authentication) => {
  let service: TestServer;
  beforeEach(async () => (service = await TestServer.start()));
  afterEach(() => service.close());

  /** Everything secret that any request contained. */
  function secrets(): string[] {
    const forms = bed.current.requests.flatMap((form) =>
      ['subject_token', 'client_assertion'].flatMap((name) => form.get(name) ?? []),
    );
    const headers = [...service.received, ...bed.current.server.received].flatMap(
      ({ headers: { authorization } }) => authorization?.split(' ')[1] ?? [],
    );
    return [SECRET, encodeURIComponent(SECRET), ...forms, ...headers];
  }

  /** The beginnings of the secrets in a text, so that a failure does not print all of it. */
  const leakedInto = (text: string) =>
    secrets()
      .filter((secret) => text.includes(secret))
      .map((secret) => secret.slice(0, 20));

  /** Repeats everything that this server was sent. */
  const echo = ({ received }: TestServer, status: number): Reply => {
    const { headers, body } = received.at(-1)!;
    const form = new URLSearchParams(body);
    const parameters = [form.get('subject_token'), form.get('client_assertion')];
    const text = [headers.authorization, body, ...parameters].join(' ');
    const members = { error_description: text, detail: text, title: text, more: [text] };
    return { status, body: { error: 'invalid_request', code: 'echo', ...members } };
  };
  const byIssuer = (status: number) => echo(bed.current.server, status);
  const byService = (status: number) => echo(service, status);

  async function errorOf(options: object = {}): Promise<string> {
    const tokens = bed.current.tokens({ authentication });
    const inventory = createServiceClient({
      service: 'inventory',
      baseUrl: service.url,
      scopes: 'a',
      tokens,
      retries: 0,
      ...options,
    });
    const principal = await bed.current.principal();
    const error: unknown = await inventory
      .for(principal)
      .post('/', { some: 'body' }, options)
      .then(
        () => 'no error',
        (thrown: unknown) => thrown,
      );
    expect(error).toBeInstanceOf(Error);
    return (
      textsOf([error, tokens, inventory, inventory.for(principal), bed.current.events]) +
      textsOf(error)
    );
  }

  const ISSUER_REPLIES: [string, () => Reply | Promise<Reply>][] = [
    ['refuses and repeats the request', () => byIssuer(400)],
    ['refuses the client and repeats the request', () => byIssuer(401)],
    ['fails and repeats the request', () => byIssuer(500)],
    ['answers what is not JSON', () => ({ body: `{${secrets().join()}` })],
    ['answers no token', () => byIssuer(200)],
    [
      'answers a token that is not for this service',
      async () => ({ body: await issuedFor('payments') }),
    ],
    [
      'answers a token of another kind',
      async () => ({ body: { ...(await issuedFor('inventory')), token_type: 'DPoP' } }),
    ],
    ['breaks off', () => 'cut'],
    ['hangs', () => 'hang'],
    [
      'redirects',
      () => ({ ...(byIssuer(302) as object), headers: { location: 'http://127.0.0.1:1/' } }),
    ],
  ];
  const issuedFor = (audience: string) => {
    const form = new URLSearchParams(bed.current.requests.at(-1));
    form.set('audience', audience);
    return bed.current.issue(form);
  };

  /** Calls until a request with all secrets has arrived: on a busy machine, the deadline can be earlier. */
  async function errorAfter(name: string, arrived: () => boolean, options: object = {}) {
    let text = '';
    await waitFor(async () => {
      text = await errorOf({ ...(name === 'hangs' && { timeoutMilliseconds: 500 }), ...options });
      return arrived();
    });
    return text;
  }

  it.each(ISSUER_REPLIES)('if the issuer %s', async (name, reply) => {
    bed.current.reply = reply;
    const text = await errorAfter(name, () => bed.current.requests.length > 0);
    expect(secrets().length).toBeGreaterThan(2);
    expect(leakedInto(text)).toEqual([]);
  });

  const SERVICE_REPLIES: [string, () => Reply][] = [
    ['refuses and repeats the request', () => byService(409)],
    ['rejects the token and repeats the request', () => byService(401)],
    ['fails and repeats the request', () => byService(503)],
    [
      'redirects',
      () => ({ ...(byService(307) as object), headers: { location: '/?' + secrets().at(-1) } }),
    ],
    ['answers what is not JSON', () => ({ body: `{${secrets().join()}` })],
    [
      'answers what is not HTTP',
      () => ({ headers: { 'content-length': '1' }, body: secrets().join() }),
    ],
    ['breaks off', () => 'cut'],
    ['hangs', () => 'hang'],
  ];

  it.each(SERVICE_REPLIES)('if the service %s', async (name, reply) => {
    service.answer = reply;
    const wrong = {
      vendor: 'test',
      version: 1,
      validate: () => ({ issues: [{ message: secrets().join() }] }),
    } as const;
    const options = { reply: { '~standard': wrong } };
    const text = await errorAfter(name, () => service.received.length > 0, options);
    expect(secrets().length).toBeGreaterThan(3);
    expect(leakedInto(text)).toEqual([]);
  });
});
