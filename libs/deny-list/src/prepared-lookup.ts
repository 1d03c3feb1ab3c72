import type { TokenIdentity } from './deny-list.js';
import type { IssuerDenyList } from './issuer-deny-list.js';
import type { Hash64 } from './hash-table/keyed-hash.js';

/**
 * The question whether one token is revoked, to be asked again and again: each of its names is
 * hashed when it is first looked for, and then no more.
 */
export class PreparedLookup {
  #session: Hash64 | undefined;
  #token: Hash64 | undefined;
  #key: Hash64 | undefined;
  #subject: Hash64 | undefined;
  #client: Hash64 | undefined;
  readonly #issuedAt: number;

  constructor(
    private readonly list: IssuerDenyList,
    private readonly identity: TokenIdentity,
  ) {
    this.#issuedAt = identity.issuedAt;
  }

  /** Whether any revocation that is known at this moment matches the token. */
  isRevoked(): boolean {
    return this.#isNamed() || this.#isTooOld();
  }

  // Most tables are empty most of the time, and hashing is most of what a look-up costs.

  #isNamed(): boolean {
    const { sessions, tokens, keys } = this.list;
    return (
      (sessions.size > 0 && sessions.get((this.#session ??= this.#hash('sessionId'))) >= 0) ||
      (tokens.size > 0 && tokens.get((this.#token ??= this.#hash('tokenId'))) >= 0) ||
      (keys.size > 0 && keys.get((this.#key ??= this.#hash('keyId'))) >= 0)
    );
  }

  #isTooOld(): boolean {
    const { subjects, clients } = this.list;
    const issuedAt = this.#issuedAt;
    return (
      (subjects.size > 0 && issuedAt < subjects.get((this.#subject ??= this.#hash('subject')))) ||
      (clients.size > 0 && issuedAt < clients.get((this.#client ??= this.#hash('clientId'))))
    );
  }

  /** Nothing is revoked under the empty name: it stands for the name that a token does not have. */
  #hash(name: 'sessionId' | 'tokenId' | 'keyId' | 'subject' | 'clientId'): Hash64 {
    return this.list.hash.of(this.identity[name] ?? '');
  }
}
