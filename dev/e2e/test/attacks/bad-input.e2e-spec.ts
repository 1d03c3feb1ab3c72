import { Problem, PROBLEM_MEDIA_TYPE } from '@latchkey/contracts';
import { OAuthError } from '@latchkey/contracts/auth-api';
import {
  call,
  firstReplicaOf,
  type LatchkeyStack,
  type ReplicaName,
  SERVICE_NAMES,
} from '@latchkey/local-stack';
import { TestUser } from '@latchkey/testing';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { operationsOf, type Operation } from '../../src/open-api-operations.js';
import { sharedStack } from '../../src/shared-stack.js';

interface RawAnswer {
  status: number;
  contentType: string;
  body: string;
}

const SERVICES: readonly ReplicaName[] = ['auth', ...SERVICE_NAMES.map(firstReplicaOf)];
const TOO_LARGE = JSON.stringify({ filler: 'x'.repeat(200_000) });

/** Bodies that every endpoint must refuse. */
const BAD_BODIES: readonly [string, string][] = [
  ['malformed JSON', '{"a":'],
  ['not an object', '[]'],
  ['an unknown field', '{"unknownField":1}'],
  ['null', 'null'],
  ['a field that pollutes the prototype', '{"__proto__":{"a":1},"constructor":{"prototype":{}}}'],
  ['a body that is too large', TOO_LARGE],
];

describe('bad input', () => {
  let stack: LatchkeyStack;
  let token: string;
  beforeAll(async () => {
    stack = await sharedStack();
    const admin = new TestUser(stack.issuer, stack.admin.name, stack.admin.secret);
    token = (await admin.logIn()).access_token;
  });
  // Without a valid token every request would be refused, and the tests would prove nothing.
  afterEach(async () => {
    expect((await call(`${stack.replicas['orders-1'].url}/orders`, { token })).status).toBe(200);
  });

  /** Uses `node:http`, because `fetch` refuses to send such requests. */
  async function send(
    url: string,
    method: string,
    headers: Record<string, string | string[]>,
    body?: string,
  ): Promise<RawAnswer> {
    const sent = request(url, { method, headers });
    sent.end(body);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    response.setEncoding('utf8');
    let text = '';
    for await (const chunk of response) text += String(chunk);
    const contentType = response.headers['content-type'] ?? '';
    return { status: response.statusCode ?? 0, contentType, body: text };
  }

  function expectRefusal(answer: RawAnswer, what: string): void {
    expect({
      what,
      isRefused: answer.status >= 400 && answer.status < 500,
      ...answer,
    }).toMatchObject({ isRefused: true });
    const isProblem = answer.contentType.startsWith(PROBLEM_MEDIA_TYPE);
    const document: unknown = JSON.parse(answer.body);
    if (isProblem) expect(Problem.parse(document).status).toBe(answer.status);
    else expect(OAuthError.parse(document).error).toBeTruthy();
    expect(answer.body).not.toMatch(/node_modules|\.js:\d+|    at /);
  }

  const authorized = () => ({ authorization: `Bearer ${token}` });
  const urlOf = (service: ReplicaName, { path }: Operation) =>
    stack.replicas[service].url + path.replaceAll(/\{[^}]+\}/g, 'not-an-id');

  async function operations(service: ReplicaName): Promise<Operation[]> {
    const { body } = await call(`${stack.replicas[service].url}/docs-json`);
    return operationsOf(body);
  }

  describe.each(SERVICES)('to %s', (service) => {
    it.each(BAD_BODIES)('is refused with a problem document: %s', async (_, body) => {
      const withBody = (await operations(service)).filter(({ hasBody }) => hasBody);
      for (const operation of withBody) {
        const headers = { ...authorized(), 'content-type': 'application/json' };
        const answer = await send(urlOf(service, operation), operation.method, headers, body);
        expectRefusal(answer, `${operation.method} ${operation.path}`);
      }
    });

    it('is refused if the content type is unknown', async () => {
      for (const operation of (await operations(service)).filter(({ hasBody }) => hasBody)) {
        const headers = { ...authorized(), 'content-type': 'application/x-unknown' };
        const answer = await send(urlOf(service, operation), operation.method, headers, '{}');
        expectRefusal(answer, `${operation.method} ${operation.path}`);
      }
    });

    it('is refused if an id is malformed', async () => {
      const withId = (await operations(service)).filter(({ path }) => path.includes('{'));
      for (const operation of withId) {
        const answer = await send(urlOf(service, operation), operation.method, authorized());
        expectRefusal(answer, `${operation.method} ${operation.path}`);
      }
    });

    it('is refused if the Authorization header is sent twice', async () => {
      const guarded = (await operations(service)).filter(({ isGuarded }) => isGuarded);
      for (const operation of guarded) {
        const headers = { authorization: [`Bearer ${token}`, 'Bearer other'] };
        const answer = await send(urlOf(service, operation), operation.method, headers);
        expectRefusal(answer, `${operation.method} ${operation.path}`);
      }
    });

    it('is refused if a query parameter is unknown, duplicate or of the wrong type', async () => {
      const queried = (await operations(service)).filter(({ hasQuery }) => hasQuery);
      for (const query of ['unknown=1', 'limit=1&limit=2', 'limit=-1', 'limit=x', 'after=x']) {
        for (const operation of queried) {
          const url = `${urlOf(service, operation)}?${query}`;
          const answer = await send(url, operation.method, authorized());
          expectRefusal(answer, `${operation.method} ${operation.path}?${query}`);
        }
      }
    });
  });
});
