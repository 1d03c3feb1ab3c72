import { ProcessGroup, type LatchkeyStack } from '@latchkey/local-stack';
import { Client } from 'pg';
import { startAuthAlone } from '../auth-alone.js';
import { audit } from './audit.js';
import { durability } from './durability.js';
import { LogOutLoad, type LoggedOut } from './log-out-load.js';

const onProgress = () => undefined;

describe('the durability experiment', () => {
  it('holds on a few kills', async () => {
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
    let load: LogOutLoad;
    let ended: LoggedOut[];
    beforeAll(async () => {
      stack = await startAuthAlone({ processes, onProgress });
      load = new LogOutLoad(stack.issuer);
      await load.register('ada');
      ended = [];
      for (let round = 0; round < 3; round++)
        ended.push(await load.logOut(await load.logIn('ada')));
    });
    afterAll(() => processes.close());

    it('finds nothing as long as nothing is', async () => {
      expect(ended.map(({ answer }) => answer)).toEqual([204, 204, 204]);
      expect(await audit(stack, ended, [await load.logIn('ada')])).toEqual({
        missingInTheRecord: [],
        notRefused: [],
        wronglyRefused: [],
      });
    });

    it('names a session that was said to be ended and is not', async () => {
      const alive = await load.logIn('ada');
      expect(await audit(stack, [...ended, alive], [])).toMatchObject({
        missingInTheRecord: [alive.sessionId],
        notRefused: [alive.sessionId],
      });
    });

    it('names a session that is refused although nobody ended it', async () => {
      expect(await audit(stack, [], ended)).toMatchObject({
        wronglyRefused: ended.map(({ sessionId }) => sessionId),
      });
    });

    it('names a session whose revocation was taken out of the record', async () => {
      const [lost] = ended;
      const client = new Client({ connectionString: stack.postgres.url('auth') });
      await client.connect();
      await client.query('DELETE FROM revocations WHERE session_id = $1', [lost!.sessionId]);
      await client.end();
      expect(await audit(stack, ended, [])).toMatchObject({
        missingInTheRecord: [lost!.sessionId],
        notRefused: [],
      });
    });
  });
});
