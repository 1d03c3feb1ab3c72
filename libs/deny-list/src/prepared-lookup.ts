import type { Hash64 } from './hash-table/keyed-hash.js';
import type { IssuerDenyList } from './issuer-deny-list.js';
import type { TokenIdentity } from './token-identity.js';

/** Answers repeatedly whether one token is revoked, and hashes each of its identifiers at most once. */
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

  /** Whether any revocation that is known now matches the token. */
  isRevoked(): boolean {
    return this.#isNamed() || this.#isIssuedTooEarly();
  }

  // Hashing is most of the cost of a look-up, and most tables are usually empty.

  #isNamed(): boolean {
    const { sessions, tokens, keys } = this.list;
    return (
      (sessions.size > 0 && sessions.get((this.#session ??= this.#hash('sessionId'))) >= 0) ||
      (tokens.size > 0 && tokens.get((this.#token ??= this.#hash('tokenId'))) >= 0) ||
      (keys.size > 0 && keys.get((this.#key ??= this.#hash('keyId'))) >= 0)
    );
  }

  #isIssuedTooEarly(): boolean {
    const { subjects, clients } = this.list;
    const issuedAt = this.#issuedAt;
    return (
      (subjects.size > 0 && issuedAt < subjects.get((this.#subject ??= this.#hash('subject')))) ||
      (clients.size > 0 && issuedAt < clients.get((this.#client ??= this.#hash('clientId'))))
    );
  }

  /** An empty string stands for an identifier that the token lacks; no revocation has it. */
  #hash(name: 'sessionId' | 'tokenId' | 'keyId' | 'subject' | 'clientId'): Hash64 {
    return this.list.hash.of(this.identity[name] ?? '');
  }
}
