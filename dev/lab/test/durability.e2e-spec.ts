import { ProcessGroup, waitFor, type LatchkeyStack } from '@latchkey/local-stack';
import { Client } from 'pg';
import { startAuthOnlyStack } from '../src/auth-only-stack.js';
import { audit } from '../src/durability/audit.js';
import { durability } from '../src/durability/durability.js';
import { LogOutClient, type LoggedOut } from '../src/durability/log-out-client.js';

const onProgress = () => undefined;

describe('the durability experiment', () => {
  it('loses no log-out in a few kills', async () => {
    const processes = new ProcessGroup();
    const printed: string[] = [];
    try {
      const { held, report } = await durability({
        options: { checkout: '', quick: true, seed: 7 },
        processes,
        interrupted: new AbortController().signal,
        onProgress,
        print: (line) => printed.push(line),
      });
      expect(report).toMatchObject({
        kills: { nats: 3, postgres: 3, auth: 3 },
        missingInTheRecord: [],
        notRefused: [],
        wronglyRefused: [],
      });
      expect(held).toBe(true);
      expect(printed.join('\n')).toMatch(/answered 204 +\| +\d+/);
    } finally {
      await processes.close();
    }
  });

  describe('when something is missing', () => {
    const processes = new ProcessGroup();
    let stack: LatchkeyStack;
    let client: LogOutClient;
    let ended: LoggedOut[];
    beforeAll(async () => {
      stack = await startAuthOnlyStack({ processes, onProgress });
      client = new LogOutClient(stack.issuer);
      await client.register('ada');
      // Auth answers 202 until its relay has connected.
      await waitFor(async () => (await client.logOut(await client.logIn('ada'))).answer === 204);
      ended = [];
      for (let round = 0; round < 3; round++)
        ended.push(await client.logOut(await client.logIn('ada')));
    });
    afterAll(() => processes.close());

    it('finds nothing when nothing is missing', async () => {
      expect(ended.map(({ answer }) => answer)).toEqual([204, 204, 204]);
      expect(await audit(stack, ended, [await client.logIn('ada')])).toEqual({
        missingInTheRecord: [],
        notRefused: [],
        wronglyRefused: [],
      });
    });

    it('names a session that counts as logged out and is not', async () => {
      const alive = await client.logIn('ada');
      expect(await audit(stack, [...ended, alive], [])).toMatchObject({
        missingInTheRecord: [alive.sessionId],
        notRefused: [alive.sessionId],
      });
    });

    it('names a session that is refused although it was never logged out', async () => {
      expect(await audit(stack, [], ended)).toMatchObject({
        wronglyRefused: ended.map(({ sessionId }) => sessionId),
      });
    });

    it('names a session whose revocation is missing in the record', async () => {
      const [lost] = ended;
      const database = new Client({ connectionString: stack.postgres.url('auth') });
      await database.connect();
      await database.query('DELETE FROM revocations WHERE session_id = $1', [lost!.sessionId]);
      await database.end();
      expect(await audit(stack, ended, [])).toMatchObject({
        missingInTheRecord: [lost!.sessionId],
        notRefused: [],
      });
    });
  });
});
