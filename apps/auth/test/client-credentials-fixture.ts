import { createHash } from 'node:crypto';
import { basicAuthorization, type Answer, type Sent } from './auth-fixture.js';
import { useAuth } from './auth-testbed.js';

/** Contains characters that forms and Basic credentials must encode. */
export const SECRET = 'a secret: with 100% of ü+&= in it';
export const SCOPES = ['orders:read', 'orders:write', 'inventory:read'];

export const hashOf = (secret: string) => createHash('sha256').update(secret).digest('hex');
export const basic = (id: string, secret = SECRET) => basicAuthorization(id, secret);

/** An entry of OAUTH_CLIENTS. */
export const client = (clientId: string, scopes?: string[], secret = SECRET) => ({
  clientId,
  secretSha256: hashOf(secret),
  ...(scopes && { scopes }),
});

/** Each test that revokes a client has its own. */
const CLIENTS = [
  client('robot', SCOPES),
  client('introspector'),
  client('without-any', []),
  client('doomed', SCOPES),
  client('raced', SCOPES),
  client('returning', SCOPES),
  client('slow', SCOPES),
];

const environment = (clients: readonly unknown[]) => ({ OAUTH_CLIENTS: JSON.stringify(clients) });

/** Runs auth with confidential clients for the tests of the surrounding `describe` block. */
export function useAuthWithClients() {
  const { auth, sql, startReplica } = useAuth({ env: environment(CLIENTS) });

  const request = (form: Record<string, string> = {}, id = 'robot'): Promise<Answer> =>
    auth.post('/oauth/token', {
      form: { grant_type: 'client_credentials', ...form },
      headers: basic(id),
    });

  return {
    auth,
    sql,
    request,
    /** Starts a replica whose configuration has another client, too. */
    startReplicaWith: (another: ReturnType<typeof client>) =>
      startReplica(environment([...CLIENTS, another])),

    /** @throws Error if the token is refused */
    tokenOf: async (id = 'robot', form: Record<string, string> = {}): Promise<string> => {
      const { status, body } = await request(form, id);
      if (status !== 200) throw new Error(`/oauth/token answered ${status}: ${body.error}`);
      return body.access_token;
    },

    introspect: async (token: string) => {
      const sent = { form: { token }, headers: basic('introspector') };
      return (await auth.post('/oauth/introspect', sent)).body;
    },

    expectError: async (sent: Sent, status: number, error: string): Promise<Answer> => {
      const answer = await auth.post('/oauth/token', sent);
      expect({ status: answer.status, error: answer.body.error }).toEqual({ status, error });
      expect(Object.keys(answer.body).sort()).toEqual(['error', 'error_description']);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      return answer;
    },
  };
}
