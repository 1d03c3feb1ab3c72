import {
  readClientAuthentication,
  type ClientAuthentication,
  type ClientAuthenticationOptions,
} from '@latchkey/contracts/client-authentication';
import {
  anObject,
  httpUrl,
  nonEmptyString,
  option,
  optional,
  timerSeconds,
} from '@latchkey/contracts/options';

const DEFAULT_TIMEOUT_SECONDS = 30;

/** Where to download snapshots, and as which client. */
export interface SnapshotSource {
  /** `<issuer>/revocations/snapshot`. An `http:` URL sends the secret and the snapshot in the clear. */
  readonly url: string | URL;
  /** A confidential client of the auth service. */
  readonly clientId: string;
  /** How it proves that: by a secret, or by a private key. */
  readonly authentication: ClientAuthenticationOptions;
  /** The auth service's `iss`, for which the assertions are signed. Required with a private key. */
  readonly issuer?: string;
  /** Limits the whole download. Default: 30. */
  readonly timeoutSeconds?: number;
}

/** The source, checked and complete. */
export interface SnapshotEndpoint {
  readonly url: URL;
  readonly prove: ClientAuthentication['prove'];
  readonly timeoutSeconds: number;
}

/**
 * Checks a source, and fills in the defaults.
 *
 * @throws TypeError that names the option which is missing or invalid, and never quotes a secret
 */
export function readSnapshotSource(source: SnapshotSource): SnapshotEndpoint {
  option('snapshot', source, anObject);
  const { authentication, timeoutSeconds } = source;
  const url = new URL(option('snapshot.url', source.url, httpUrl));
  const clientId = option('snapshot.clientId', source.clientId, nonEmptyString);
  const issuer = optional('snapshot.issuer', source.issuer, nonEmptyString);
  const { prove } = readClientAuthentication('snapshot.authentication', authentication, {
    clientId,
    issuer: issuer ?? '',
  });
  if (issuer === undefined && authentication.privateKey !== undefined)
    throw new TypeError(
      'snapshot.issuer is missing; snapshot.authentication.privateKey requires it',
    );
  return {
    url,
    prove,
    timeoutSeconds: option(
      'snapshot.timeoutSeconds',
      timeoutSeconds,
      timerSeconds,
      DEFAULT_TIMEOUT_SECONDS,
    ),
  };
}
