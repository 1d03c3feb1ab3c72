import { TestAuthority, waitFor } from '@latchkey/testing';
import {
  Catch,
  Controller,
  Get,
  HttpException,
  Injectable,
  UseFilters,
  UseGuards,
  type ArgumentsHost,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { bearer, get, optionsFor, outcome, startApp } from './guarded-app-fixture.js';
import {
  AccessTokenException,
  AccessTokenGuard,
  insufficientScope,
  VerifierLifecycle,
  VerifierModule,
} from '../src/index.js';

/** A filter of the application that renders every error in its own format. */
@Catch(HttpException)
class OwnFormFilter implements ExceptionFilter {
  constructor(private readonly adapterHost: HttpAdapterHost) {}
  catch(exception: HttpException, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<unknown>();
    const status = exception.getStatus();
    this.adapterHost.httpAdapter.reply(response, { failed: true }, status);
  }
}

/** A guard of an application that accepts anonymous requests as well. */
@Injectable()
class TokenOrNothingGuard implements CanActivate {
  constructor(private readonly accessTokens: AccessTokenGuard) {}
  async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return await this.accessTokens.canActivate(context);
    } catch (error) {
      if (error instanceof AccessTokenException) return true;
      throw error;
    }
  }
}

@Controller()
class FormsController {
  @Get('usual')
  @UseGuards(AccessTokenGuard)
  usual() {
    return {};
  }
  @Get('own-form')
  @UseGuards(AccessTokenGuard)
  @UseFilters(OwnFormFilter)
  ownForm() {
    return {};
  }
  @Get('handler')
  @UseGuards(AccessTokenGuard)
  handler() {
    throw insufficientScope(['orders:read-all']);
  }
  @Get('either')
  @UseGuards(TokenOrNothingGuard)
  either() {
    return { fine: true };
  }
}

const CHALLENGE = 'Bearer error="invalid_token"';

describe.each(['fastify', 'express'] as const)('exception filters on %s', (platform) => {
  let authority: TestAuthority;
  let app: INestApplication;
  beforeAll(async () => {
    authority = await TestAuthority.start('orders');
    app = await startApp(platform, {
      imports: [VerifierModule.forRoot(optionsFor(authority))],
      controllers: [FormsController],
    });
    await waitFor(() => app.get(VerifierLifecycle).readiness().ready);
  });
  afterAll(async () => {
    await app.close();
    await authority.close();
  });

  it('are optional: the response is a problem document', async () => {
    const answer = await get(app, '/usual', bearer('a.b.c'));
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_token' } });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  it('of the application take precedence, and keep the challenge', async () => {
    const answer = await get(app, '/own-form', bearer('a.b.c'));
    expect(answer).toMatchObject({ status: 401, body: { failed: true } });
    expect(answer.headers['www-authenticate']).toBe(CHALLENGE);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  it('that are bound globally take precedence as well', async () => {
    const imports = [VerifierModule.forRoot(optionsFor(authority))];
    const other = await startApp(platform, { imports, controllers: [FormsController] }, (it) => {
      it.useGlobalFilters(new OwnFormFilter(it.get(HttpAdapterHost)));
    });
    const answer = await get(other, '/usual');
    expect(answer).toMatchObject({ status: 401, body: { failed: true } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    await other.close();
  });

  it('that are provided as APP_FILTER do not take precedence', async () => {
    const imports = [VerifierModule.forRoot(optionsFor(authority))];
    const providers = [{ provide: APP_FILTER, useClass: OwnFormFilter }];
    const other = await startApp(platform, { imports, providers, controllers: [FormsController] });
    expect(await get(other, '/usual')).toMatchObject({ body: { code: 'missing_token' } });
    await other.close();
  });

  it('render a scope that a handler requires like one that the guard requires', async () => {
    const answer = await get(app, '/handler', bearer(await authority.issuer.makeToken()));
    expect(outcome(answer)).toEqual({
      status: 403,
      challenge: 'Bearer error="insufficient_scope", scope="orders:read-all"',
      code: 'insufficient_scope',
    });
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  it('do not set the media type of a problem on other responses', async () => {
    const answer = await get(app, '/either', bearer('a.b.c'));
    expect(answer).toMatchObject({ status: 200, body: { fine: true } });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });
});
