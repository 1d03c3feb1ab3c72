import { Controller, Get, Module } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth } from '@nestjs/swagger';
import { ApiCaller, type DocumentedCallers } from './callers.js';
import { startService } from '../start-service.js';

@Controller()
class ThingsController {
  @Get('any')
  @ApiCaller()
  any() {
    return {};
  }
  @Get('token')
  @ApiBearerAuth()
  token() {
    return {};
  }
  @Get('session')
  @ApiCookieAuth()
  session() {
    return {};
  }
  @Get('open')
  open() {
    return {};
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

interface Documented {
  readonly paths: Record<string, { get: { security?: Record<string, unknown>[] } }>;
  readonly components: { readonly securitySchemes?: Record<string, { name?: string }> };
}

/** Starts the service for as long as the work takes. */
async function withService<Result>(
  options: { readonly callers?: DocumentedCallers; readonly url?: string },
  work: (url: string) => Promise<Result>,
): Promise<Result> {
  const service = await startService({
    name: 'things',
    module: ThingsModule,
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    openApi: { title: 'Things', description: 'For tests', ...options },
    handleSignals: false,
  });
  try {
    return await work(service.url);
  } finally {
    await service.close();
  }
}

const documentOf = (callers?: DocumentedCallers): Promise<Documented> =>
  withService(callers === undefined ? {} : { callers }, async (url) => {
    const answer = await fetch(`${url}/docs-json`);
    return (await answer.json()) as Documented;
  });

describe('the page of the OpenAPI document', () => {
  it.each([
    [undefined, "connect-src 'self'"],
    ['https://shop.example/auth', "connect-src 'self' https://shop.example"],
  ])('may send requests to the public address: %s', async (url, policy) => {
    const sent = await withService(url === undefined ? {} : { url }, async (at) => {
      const { headers } = await fetch(`${at}/docs`);
      return headers.get('content-security-policy')?.split('; ');
    });
    expect(sent).toContain(policy);
  });
});

describe('the OpenAPI document', () => {
  const takenBy = ({ paths }: Documented, path: string) =>
    paths[path]?.get.security?.flatMap(Object.keys);
  const namesOf = ({ components }: Documented) =>
    Object.fromEntries(
      Object.entries(components.securitySchemes ?? {}).map(([key, { name }]) => [key, name]),
    );

  it('documents access tokens by default', async () => {
    const document = await documentOf();
    expect(namesOf(document)).toEqual({ bearer: undefined });
    for (const path of ['/any', '/token']) expect(takenBy(document, path)).toEqual(['bearer']);
    expect(takenBy(document, '/open')).toEqual([]);
  });

  it('documents the schemes that both the operation and the configuration accept', async () => {
    const names = { sessionCookie: '__Host-a', tokenCookie: '__Host-b' };
    const document = await documentOf({ bearer: true, ...names });
    expect(namesOf(document)).toEqual({
      bearer: undefined,
      cookie: '__Host-a',
      tokenCookie: '__Host-b',
    });
    expect(takenBy(document, '/any')).toEqual(['bearer', 'tokenCookie', 'cookie']);
    expect(takenBy(document, '/token')).toEqual(['bearer', 'tokenCookie']);
    expect(takenBy(document, '/session')).toEqual(['cookie']);
    expect(takenBy(document, '/open')).toEqual([]);
  });

  it('documents no tokens if only sessions are accepted', async () => {
    const document = await documentOf({ bearer: false, sessionCookie: '__Host-a' });
    expect(namesOf(document)).toEqual({ cookie: '__Host-a' });
    expect(takenBy(document, '/any')).toEqual(['cookie']);
  });
});
