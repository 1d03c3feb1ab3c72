import { SERVICE_NAMES, firstReplicaOf } from '@latchkey/local-stack';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';
import { callsOf, type ApiDocument } from '../../src/open-api-calls.js';
import { startStack, type RunningStack } from '../../src/running-stack.js';

const CHECKOUT = fileURLToPath(new URL('../../../..', import.meta.url));
const TSC = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const SERVICES = ['auth', ...SERVICE_NAMES] as const;
type Service = (typeof SERVICES)[number];

/** The OpenAPI documents of running services, as the generators of clients read them. */
describe('the OpenAPI documents', () => {
  let running: RunningStack;
  const documents = {} as Record<Service, ApiDocument>;

  beforeAll(async () => {
    running = await startStack({
      sessionStore: 'redis',
      env: { all: { ACCESS_TOKEN_COOKIE: 'true' } },
    });
    for (const service of SERVICES) {
      const name = service === 'auth' ? service : firstReplicaOf(service);
      const answer = await fetch(`${running.stack.replicas[name].url}/docs-json`);
      documents[service] = (await answer.json()) as ApiDocument;
    }
  });
  afterAll(() => running?.close());

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
