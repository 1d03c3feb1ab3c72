import {
  firstReplicaOf,
  PROTECTED_ROUTES,
  SERVICE_NAMES,
  type Account,
  type LatchkeyStack,
  type SpareConnection,
} from '@latchkey/local-stack';

/** What a reader can do next: addresses, accounts, and commands to paste into a shell. */
export function closingLines(
  stack: LatchkeyStack,
  users: readonly [Account, ...Account[]],
  stateDirectory: string,
  liveUrl: string,
): string[] {
  const [first] = users;
  return [
    '',
    `Watch it in a browser, and break parts of it: ${liveUrl}`,
    '',
    'Everything keeps running until Ctrl-C. Each service has documentation and metrics:',
    ...Object.values(stack.replicas).map(
      ({ name, url }) => `  ${name.padEnd(10)} ${url}/docs   ${url}/metrics`,
    ),
    '',
    'Accounts (their passwords were generated at the first start and are valid only here):',
    ...users.map(({ username, password }) => `  ${username.padEnd(10)} ${password}`),
    `  ${stack.admin.name.padEnd(10)} ${stack.admin.secret}   (can see all orders, rotate keys and disable users)`,
    '',
    'Administer it, in another terminal (docs/command-line.md):',
    `  npx latchkey --url ${stack.issuer} login ${stack.admin.name}`,
    '',
    'Try a token:',
    ...tokenCommands(stack, first),
    '',
    'Try a session cookie:',
    ...cookieCommands(stack, first),
    '',
    'Connect a service of your own (docs/demo.md):',
    ...spareLines(stack.spare),
    '',
    `Logs, data and secrets are in ${stateDirectory}`,
  ];
}

const credentials = ({ username, password }: Account) =>
  `-d '{"username":"${username}","password":"${password}"}'`;

function tokenCommands({ replicas, client }: LatchkeyStack, user: Account): string[] {
  const { auth } = replicas;
  const calls = SERVICE_NAMES.map(firstReplicaOf).map(
    (name) =>
      `curl -i ${replicas[name].url}${PROTECTED_ROUTES[name]} -H "Authorization: Bearer $TOKEN" -w '\\n'`,
  );
  return [
    `  TOKEN=$(curl -s ${auth.url}/login -H 'Content-Type: application/json' \\`,
    `    ${credentials(user)} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    ...commented(calls, '200'),
    `  curl -s -u ${client.name}:${client.secret} ${auth.url}/oauth/introspect -d token=$TOKEN -w '\\n'   # {"active":true,…`,
    `  curl -i -X POST ${auth.url}/logout -H "Authorization: Bearer $TOKEN"   # 204`,
    ...commented(calls, '401'),
  ];
}

/** Commands with the status that they answer, in a column of its own. */
function commented(commands: readonly string[], status: string): string[] {
  const width = Math.max(...commands.map(({ length }) => length));
  return commands.map((command) => `  ${command.padEnd(width)}   # ${status}`);
}

function spareLines(spare: SpareConnection): string[] {
  return [
    `  issuer ${spare.issuer}, audience ${spare.audience}, scopes of users ${spare.scopes.join(' ')}`,
    `  NATS   ${spare.natsUrl}, user ${spare.natsUser}, password in ${spare.natsPasswordFile}`,
    `  client ${spare.clientId}, secret in ${spare.clientSecretFile}`,
  ];
}

function cookieCommands({ replicas, issuer }: LatchkeyStack, user: Account): string[] {
  const { auth } = replicas;
  const call = `curl -i ${replicas['orders-1'].url}/orders -H "Cookie: $COOKIE" -w '\\n'`;
  return [
    `  COOKIE=$(curl -si ${auth.url}/session/login -H 'Content-Type: application/json' \\`,
    `    ${credentials(user)} | sed -n 's/^set-cookie: \\([^;]*\\).*/\\1/ip')`,
    ...commented([call], '200'),
    `  curl -i -X DELETE ${auth.url}/session -H "Cookie: $COOKIE" -H 'Origin: ${issuer}'   # 204`,
    ...commented([call], '401'),
  ];
}
