import { SERVICE_NAMES, firstReplicaOf } from '@latchkey/local-stack';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { anonymousAnswers } from '../../src/anonymous-answers.js';
import { callsOf, examplesOf, parametersOf, type ApiDocument } from '../../src/open-api-calls.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const SERVICES = ['auth', ...SERVICE_NAMES] as const;
type Service = (typeof SERVICES)[number];
const PAGE = 'https://app.example.com';

/** The OpenAPI documents of running services, as the generators of clients read them. */
describe('the OpenAPI documents', () => {
  let running: RunningStack;
  const documents = {} as Record<Service, ApiDocument>;
  const urls = {} as Record<Service, string>;
  const operationsOf = (service: Service) =>
    Object.entries(documents[service].paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );

  beforeAll(async () => {
    running = await startStack({
      sessionStore: 'redis',
      env: { all: { ACCESS_TOKEN_COOKIE: 'true', CORS_ORIGINS: PAGE } },
    });
    for (const service of SERVICES) {
      const name = service === 'auth' ? service : firstReplicaOf(service);
      urls[service] = running.stack.replicas[name].url;
      const answer = await fetch(`${urls[service]}/docs-json`);
      documents[service] = (await answer.json()) as ApiDocument;
    }
  });
  afterAll(() => running?.close());

  // One of these rules compares each example with its schema.
  it.each(SERVICES)('of %s passes the linter with its recommended rules', async (service) => {
    const config = await createConfig({ extends: ['recommended'] });
    const source = JSON.stringify(documents[service]);
    const found = await lintFromString({ source, config });
    expect(
      found.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer]),
    ).toEqual([]);
  });

  it.each(SERVICES)('of %s names all operations and bodies, and describes all tags', (service) => {
    const { paths, tags, components } = documents[service];
    const described = tags.filter(({ description }) => description).map(({ name }) => name);
    const operations = Object.values(paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operationId, requestBody, responses, tags: used, security } of operations) {
      expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
      expect(described).toEqual(expect.arrayContaining(used));
      expect(security).toEqual(expect.any(Array));
      const bodies = [requestBody, ...Object.values(responses)];
      const schemas = bodies.flatMap((body) => Object.values(body?.content ?? {}));
      for (const { schema } of schemas)
        expect(schema).toMatchObject(
          'format' in schema ? { format: 'binary' } : { $ref: expect.stringMatching(/[A-Z]\w+$/) },
        );
    }
    expect(Object.keys(components.schemas)).not.toContainEqual(expect.stringContaining('Variant'));
  });

  it.each(SERVICES)('of %s gives an example of each body', (service) => {
    const bodies = operationsOf(service).flatMap(({ operation }) =>
      Object.entries({ request: operation.requestBody, ...operation.responses }).flatMap(
        ([status, body]) =>
          Object.values(body?.content ?? {}).map((media) => ({
            name: `${operation.operationId} ${status}`,
            isBinary: 'format' in media.schema,
            has: Object.keys(media.examples ?? {}).length > 0,
          })),
      ),
    );
    expect(bodies.filter(({ isBinary, has }) => !isBinary && !has)).toEqual([]);
    expect(bodies.length).toBeGreaterThan(20);
  });

  it.each(SERVICES)(
    'of %s requires credentials exactly where requests without them get the documented 401',
    async (service) => {
      for (const each of operationsOf(service)) {
        const { operationId, security, responses } = each.operation;
        const answers = await anonymousAnswers(urls[service], documents[service], each);
        const refused = answers.filter(({ status }) => status === 401);
        const mayBeInBody = security.some((schemes) => Object.keys(schemes).length === 0);
        expect({ operationId, isOpen: refused.length === 0 }).toEqual({
          operationId,
          isOpen: security.length === 0,
        });
        if (security.length > 0 && !mayBeInBody) expect(refused).toEqual(answers);
        for (const { mediaType, headers, body } of refused) {
          expect(Object.keys(responses['401']!.content!)).toEqual([mediaType]);
          expect(headers.has('www-authenticate')).toBe(true);
          const [example] = examplesOf(documents[service], responses['401']);
          const { type, title, code, error } = example as Record<string, unknown>;
          expect({ operationId, ...body }).toMatchObject(
            JSON.parse(JSON.stringify({ operationId, type, title, code, error })) as object,
          );
        }
      }
    },
  );

  it('describe the headers and methods that pages of other origins can use, and no others', async () => {
    const all = SERVICES.flatMap(operationsOf);
    const sent = SERVICES.flatMap((service) =>
      operationsOf(service).flatMap(({ operation }) =>
        parametersOf(documents[service], operation).filter((each) => each.in === 'header'),
      ),
    );
    const read = all.flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap(({ headers = {} }) => Object.keys(headers)),
    );
    const section = readFileSync(join(CHECKOUT, 'docs/configuration.md'), 'utf8')
      .split('## Pages of other origins')[1]!
      .split('\n## ')[0]!;
    const listed = (start: string) =>
      /^[^.]+/.exec(section.split(start)[1]!)![0].match(/(?<=`)[A-Za-z-]+(?=`)/g)!;
    for (const service of SERVICES) {
      const headers = { origin: PAGE };
      const { headers: answered } = await fetch(urls[service], { headers });
      const { headers: preflight } = await fetch(urls[service], {
        method: 'OPTIONS',
        headers: { ...headers, 'access-control-request-method': 'POST' },
      });
      const names = (of: Headers, what: string) =>
        sorted(of.get(`access-control-${what}`)?.split(/, */) ?? []);
      const exposed = names(answered, 'expose-headers');
      expect(exposed).toEqual(sorted(read));
      expect(exposed).toEqual(sorted(listed('the response headers')));
      const allowed = names(preflight, 'allow-headers');
      // OpenAPI has other places for the first two, and traces are not part of an API.
      const others = ['authorization', 'content-type', 'traceparent', 'tracestate'];
      expect(allowed).toEqual(sorted([...sent.map(({ name }) => name), ...others]));
      expect(allowed).toEqual(sorted(listed('the request headers')));
      const methods = names(preflight, 'allow-methods');
      expect(methods).toEqual(sorted([...all.map(({ method }) => method), 'head']));
      expect(methods).toEqual(sorted(listed('the methods')));
    }
  });

  it('of auth tells grants apart by grant_type', () => {
    const { TokenRequest } = documents.auth.components.schemas;
    expect(TokenRequest).toMatchObject({
      discriminator: {
        propertyName: 'grant_type',
        mapping: {
          refresh_token: '#/components/schemas/RefreshTokenRequest',
          client_credentials: '#/components/schemas/ClientCredentialsRequest',
          'urn:ietf:params:oauth:grant-type:token-exchange':
            '#/components/schemas/TokenExchangeRequest',
        },
      },
    });
  });

  it('generate clients that compile for every operation', async () => {
    const parent = join(CHECKOUT, '.latchkey');
    mkdirSync(parent, { recursive: true });
    // Inside the checkout, so that openapi-fetch is found.
    const folder = mkdtempSync(join(parent, 'clients-'));
    try {
      for (const service of SERVICES) {
        const types = astToString(await openapiTS(JSON.stringify(documents[service])));
        writeFileSync(join(folder, `${service}.ts`), types);
        writeFileSync(join(folder, `${service}-calls.ts`), callsOf(service, documents[service]));
      }
      expect(await compile(folder)).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 120_000);
});

/** In lower case, each once. */
const sorted = (names: readonly string[]) =>
  [...new Set(names.map((name) => name.toLowerCase()))].sort();

/** @returns what the compiler prints */
async function compile(folder: string): Promise<string> {
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = { noEmit: true, lib: ['ES2023', 'DOM'], types: [] };
  const base = join(CHECKOUT, 'tsconfig.base.json');
  writeFileSync(config, JSON.stringify({ extends: base, compilerOptions, include: ['.'] }));
  return new Promise((resolve) =>
    execFile(process.execPath, [TSC, '-p', config, '--pretty', 'false'], (_, stdout) =>
      resolve(stdout),
    ),
  );
}
