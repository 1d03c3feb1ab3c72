import type { NewSession, Sessions, SessionStore } from '@latchkey/sessions';
import type { CookieSessions } from '../../sessions/cookie-sessions/cookie-sessions.js';
import type { RevocationRequest } from '../../revocations/revocation-record.js';
import type { SessionRevocation } from '../../sessions/session-revocation.js';

/** Text from a path, a body, a query or another issuer's token. */
const text: string = '5E1F0AC2-96C8-4D5A-9D31-6B1F3F0B7C11';

/** The type checker is the test: `tsc` reports every expected error that does not occur. */
describe('text from a request', () => {
  it('cannot be revoked as any kind of id', () => {
    const requests: RevocationRequest[] = [
      // @ts-expect-error not a stored session's id
      { trigger: 'logout', sessionId: text },
      // @ts-expect-error not a stored user's id
      { trigger: 'logout_everywhere', subject: text },
      // @ts-expect-error not the id of a token that this service signed
      { trigger: 'token_revoked', tokenId: text },
      // @ts-expect-error not a configured client's id
      { trigger: 'client_revoked', clientId: text },
      // @ts-expect-error not a stored key's id
      { trigger: 'signing_key_revoked', keyId: text },
    ];
    expect(requests).toHaveLength(5);
  });

  it('cannot end a session or a cookie', () => {
    type Ends = (
      record: SessionRevocation,
      cookies: CookieSessions,
      sessions: Sessions,
      store: SessionStore,
    ) => unknown[];
    const ends: Ends = (record, cookies, sessions, store) => [
      // @ts-expect-error not a stored session's id
      record.end({} as never, { id: text }, 'logout'),
      // @ts-expect-error not a stored user's id
      record.endAll({} as never, text, 'logout_everywhere'),
      // @ts-expect-error not a stored session's id
      cookies.end([text]),
      // @ts-expect-error not a stored user's id
      cookies.endAll(text, []),
      // @ts-expect-error not a stored session's id
      sessions.end(text),
      // @ts-expect-error not a stored session's id
      store.end(text),
    ];
    expect(ends).toHaveLength(4);
  });

  it('cannot become the key of a cookie session', () => {
    // @ts-expect-error not a stored session's id
    const session: Pick<NewSession, 'id'> = { id: text };
    expect(session.id).toBe(text);
  });

  it('does not pass as another kind of id', () => {
    type UserId = Parameters<SessionRevocation['endAll']>[1];
    // @ts-expect-error a user's id is not a session's
    const end = (cookies: CookieSessions, id: UserId) => cookies.end([id]);
    expect(end).toHaveLength(2);
  });
});
