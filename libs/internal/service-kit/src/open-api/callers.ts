import type { Problem } from '@latchkey/contracts';
import { applyDecorators } from '@nestjs/common';
import { ApiBearerAuth, ApiCookieAuth, ApiSecurity, type DocumentBuilder } from '@nestjs/swagger';
import type { Operation } from './openapi-operations.js';

/** How a service authenticates its callers. */
export interface DocumentedCallers {
  /** Whether the service accepts access tokens. */
  readonly bearer: boolean;
  /** The name of the session cookie, if the service accepts one. */
  readonly sessionCookie?: string;
  /** The name of the cookie that carries an access token, if the service accepts one. */
  readonly tokenCookie?: string;
  /** Whether OAuth clients authenticate at some routes, with HTTP Basic. */
  readonly clients?: boolean;
  /** The answer to a request without credentials. */
  readonly anonymous?: Problem;
}

/** Documents an operation that also accepts a credential in its body, for which OpenAPI has no scheme. */
export const ApiCredentialInBody = () => ApiSecurity(IN_BODY);

/** Documents an operation that needs an authenticated caller, in whichever way the service is configured. */
export const ApiCaller = () => applyDecorators(ApiBearerAuth(), ApiCookieAuth());

const BEARER = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } as const;
const BASIC = { type: 'http', scheme: 'basic' } as const;
const IN_COOKIE = { type: 'apiKey', in: 'cookie' } as const;
/** The scheme names that `@ApiBearerAuth()`, `@ApiCookieAuth()` and `@ApiBasicAuth()` use. */
const SCHEMES = { bearer: 'bearer', sessionCookie: 'cookie', client: 'basic' } as const;
const TOKEN_COOKIE = 'tokenCookie';
const IN_BODY = 'body';

/** Describes the credentials that the service accepts. */
export function addSchemes(builder: DocumentBuilder, callers: DocumentedCallers): void {
  if (callers.bearer) builder.addBearerAuth(BEARER);
  if (callers.clients) builder.addBasicAuth(BASIC);
  const { sessionCookie, tokenCookie } = callers;
  if (sessionCookie !== undefined) builder.addCookieAuth(sessionCookie, IN_COOKIE);
  if (tokenCookie !== undefined) builder.addCookieAuth(tokenCookie, IN_COOKIE, TOKEN_COOKIE);
}

/**
 * Keeps the schemes that the service is configured for, and adds the token's cookie next to bearer tokens. An
 * operation that asks for none is open. `{}` stands for credentials in the body: clients may send theirs in the form.
 */
export function nameCallers(operation: Operation, callers: DocumentedCallers): void {
  const asked = new Set((operation.security ?? []).flatMap(Object.keys));
  const { bearer, sessionCookie, tokenCookie, clients = false } = callers;
  const takesToken = asked.has(SCHEMES.bearer);
  const takesClient = asked.has(SCHEMES.client) && clients;
  const takesBody = asked.has(IN_BODY) || (takesClient && 'requestBody' in operation);
  operation.security = [
    ...schemeIf(takesToken && bearer, SCHEMES.bearer),
    ...schemeIf(takesToken && tokenCookie !== undefined, TOKEN_COOKIE),
    ...schemeIf(
      asked.has(SCHEMES.sessionCookie) && sessionCookie !== undefined,
      SCHEMES.sessionCookie,
    ),
    ...schemeIf(takesClient, SCHEMES.client),
    ...(takesBody ? [{}] : []),
  ];
}

const schemeIf = (accepted: boolean, scheme: string) => (accepted ? [{ [scheme]: [] }] : []);

/** Which credentials of users a described operation accepts. */
export function callersOf(operation: Operation): { token: boolean; session: boolean } {
  const named = new Set((operation.security ?? []).flatMap(Object.keys));
  const token = named.has(SCHEMES.bearer) || named.has(TOKEN_COOKIE);
  return { token, session: named.has(SCHEMES.sessionCookie) };
}
