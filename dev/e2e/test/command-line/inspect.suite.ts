import type { LatchkeyCommand } from './latchkey-command.js';
import type { World } from './scenarios-fixture.js';

/** What the current test has. */
interface Inspected {
  readonly cli: LatchkeyCommand;
  readonly world: World;
}

interface Document {
  readonly verdict: string;
  readonly revocation: { readonly revoked: boolean | null; readonly reason?: string };
}

/** Tests of `latchkey inspect` with tokens of auth. */
export function describeInspect(of: () => Inspected): void {
  describe('latchkey inspect', () => {
    const tokenOfUser = async () => {
      const user = await of().world.user();
      return { user, token: (await user.logIn()).access_token };
    };

    it('knows the keys of auth, and that a token is not revoked', async () => {
      const { token } = await tokenOfUser();
      const outcome = await of().cli.run(['inspect'], { input: `Bearer ${token}\n` });
      expect(outcome).toMatchObject({ code: 0, stderr: '' });
      expect(outcome.stdout).toMatch(/^Valid: .*\nRevoked: no: It was not revoked, as of \d/);
      expect(outcome.stdout).toMatch(/^ {2}passed +Signature: /m);
    });

    it('says after a log-out who has ended the session', async () => {
      const { user, token } = await tokenOfUser();
      await user.logOut(token);
      const outcome = await of().cli.run(['inspect', token]);
      expect(outcome).toMatchObject({ code: 1, stderr: '' });
      expect(outcome.stdout).toMatch(/^Revoked: yes: It was revoked at .*by its user\)/m);
      const asJson = await of().cli.run(['inspect', token, '--json']);
      const document = JSON.parse(asJson.stdout) as Document;
      expect(document).toMatchObject({ verdict: 'invalid', revocation: { revoked: true } });
    });

    it('finds the change in a token, and asks nobody about it', async () => {
      const { token } = await tokenOfUser();
      const [head, body = '', tail] = token.split('.');
      const claims = Buffer.from(body, 'base64url').toString().replace('"aud"', '"AUD"');
      const changed = [head, Buffer.from(claims).toString('base64url'), tail].join('.');
      const outcome = await of().cli.run(['inspect', changed, '--json']);
      expect(outcome.code).toBe(1);
      const document = JSON.parse(outcome.stdout) as Document;
      expect(document.verdict).toBe('invalid');
      expect(document.revocation).toMatchObject({
        revoked: null,
        reason: 'signature_not_verified',
      });
    });

    it('cannot check a token without keys while auth is away', async () => {
      const { token } = await tokenOfUser();
      const env = { LATCHKEY_URL: 'http://localhost:1' };
      const outcome = await of().cli.run(['inspect', token], { env });
      expect(outcome).toMatchObject({ code: 4, stderr: '' });
      expect(outcome.stdout).toContain('it is not known whether auth has issued it');
      const url = of().world.auth.url;
      const withKeys = ['inspect', token, '--jwks', `${url}/.well-known/jwks.json`];
      expect((await of().cli.run(withKeys, { env })).code).toBe(0);
      expect((await of().cli.run(['inspect', token, '--issuer', url], { env })).code).toBe(0);
    });
  });
}
