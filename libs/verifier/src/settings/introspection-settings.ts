import { readClientAuthentication } from '@latchkey/contracts/client-authentication';
import {
  aFunction,
  anObject,
  conflict,
  httpUrl,
  nonEmptyString,
  option,
  timerSeconds,
} from '@latchkey/contracts/options';
import { remoteIntrospection } from '../introspection/remote-introspection.js';
import type {
  CustomIntrospection,
  Introspect,
  RemoteIntrospection,
  TrustedIssuer,
} from '../verifier-options.js';
import { below, urlUnless } from './issuer-url.js';

const INTROSPECTION_PATH = '/oauth/introspect';
const DEFAULT_TIMEOUT_SECONDS = 2;
const REMOTE_OPTIONS = ['clientId', 'authentication', 'url'] as const;

/** How to ask an issuer about a token. */
export interface IntrospectionSettings {
  readonly introspect: Introspect;
  readonly timeoutSeconds: number;
}

type AnyIntrospection = Partial<RemoteIntrospection & CustomIntrospection>;

/**
 * @param at the prefix of the options' names
 * @throws TypeError that names the missing or invalid option
 */
export function readIntrospection(
  at: string,
  { issuer, introspection }: TrustedIssuer,
): IntrospectionSettings | undefined {
  if (introspection === undefined) return undefined;
  const name = `${at}introspection`;
  const given: AnyIntrospection = option(name, introspection, anObject);
  const timeoutSeconds = option(
    `${name}.timeoutSeconds`,
    given.timeoutSeconds,
    timerSeconds,
    DEFAULT_TIMEOUT_SECONDS,
  );
  return { introspect: readIntrospect(name, given, `${at}issuer`, issuer), timeoutSeconds };
}

function readIntrospect(
  name: string,
  { introspect, clientId, authentication, url }: AnyIntrospection,
  issuerName: string,
  issuer: string,
): Introspect {
  if (introspect !== undefined) {
    const remote = { clientId, authentication, url };
    for (const other of REMOTE_OPTIONS)
      if (remote[other] !== undefined) throw conflict(`${name}.introspect`, `${name}.${other}`);
    return option(`${name}.introspect`, introspect, aFunction<Introspect>());
  }
  const client = readClientAuthentication(`${name}.authentication`, authentication, {
    clientId: option(`${name}.clientId`, clientId, nonEmptyString),
    issuer,
  });
  if (url === undefined) option(issuerName, issuer, urlUnless('introspection.url'));
  else option(`${name}.url`, url, httpUrl);
  return remoteIntrospection(String(url ?? below(issuer, INTROSPECTION_PATH)), client);
}
