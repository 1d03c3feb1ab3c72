/** Starts a stack with the new service, and calls it: as a user, through it, and as the service that acts for users. */
import {
  AuthClient,
  call,
  generateOnce,
  LatchkeyStack,
  ProcessGroup,
  temporaryDirectory,
  waitFor,
} from '@latchkey/local-stack';

const [service, caller, callee] = process.argv.slice(2);
const ada = { username: 'ada', password: 'a long enough passphrase' };
const processes = new ProcessGroup();
try {
  const stateDirectory = temporaryDirectory(processes);
  const stack = await LatchkeyStack.start({
    processes,
    stateDirectory,
    preferredPorts: false,
    startedReplicas: [service, callee],
  });
  const auth = new AuthClient(stack.issuer);
  await auth.register(ada);
  const { access_token: token } = await auth.logIn(ada);
  const { url } = stack.replicas[service];
  const entries = `${url}/entries`;
  const through = () => call(`${url}/calls/${callee}`, { token });
  const added = await call(entries, { token, json: { note: 'a note' } });
  const finish = (token) => call(`${entries}/${added.body.id}/finish`, { token, method: 'POST' });
  const called = await through();
  const refused = await finish(token);
  const { body: exchanged } = await call(`${stack.issuer}/oauth/token`, {
    headers: {
      authorization: basic(caller, generateOnce(stateDirectory, `client-secret-${caller}`)),
    },
    form: {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      resource: service,
      scope: `${service}:write`,
    },
  });
  const finished = await finish(exchanged.access_token);
  const loggedOut = await auth.logOut(token);
  const statusOf = async (token) => (await call(entries, { token })).status;
  await waitFor(async () => (await statusOf(token)) === 401);
  await waitFor(async () => (await finish(exchanged.access_token)).status === 401);
  await waitFor(async () => (await through()).status === 401);
  const statuses = [added, called, refused, finished, loggedOut].map(({ status }) => status);
  const answer = Object.keys(called.body);
  console.log(JSON.stringify({ statuses, answer, state: finished.body.state }));
} finally {
  await processes.close();
}

function basic(id, secret) {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}
