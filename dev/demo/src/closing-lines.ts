import type { LatchkeyStack } from '@latchkey/local-stack';
import type { DemoUser } from './demo-users.js';

/** What a person can do now: addresses, accounts and lines to paste into a shell. */
export function closingLines(
  stack: LatchkeyStack,
  users: readonly DemoUser[],
  stateDirectory: string,
): string[] {
  const { auth, 'orders-1': orders, inventory, payments } = stack.replicas;
  const [first] = users;
  const replicas = Object.values(stack.replicas);
  return [
    '',
    'It stays up until Ctrl-C. Each service documents itself and counts what it does:',
    ...replicas.map(({ name, url }) => `  ${name.padEnd(10)} ${url}/docs   ${url}/metrics`),
    '',
    'Accounts (made at the first start, only here):',
    ...users.map(({ username, password }) => `  ${username.padEnd(10)} ${password}`),
    `  ${stack.admin.name.padEnd(10)} ${stack.admin.secret}   (may see all orders, rotate keys, disable users)`,
    '',
    'Try it yourself, from another terminal:',
    `  TOKEN=$(curl -s ${auth.url}/login -H 'Content-Type: application/json' \\`,
    `    -d '{"username":"${first?.username}","password":"${first?.password}"}' | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')`,
    `  curl -i ${orders.url}/orders -H "Authorization: Bearer $TOKEN"        # 200`,
    `  curl -i ${inventory.url}/products -H "Authorization: Bearer $TOKEN"      # 200`,
    `  curl -s -u ${stack.client.name}:${stack.client.secret} ${auth.url}/oauth/introspect -d token=$TOKEN   # {"active":true,…`,
    `  curl -i -X POST ${auth.url}/logout -H "Authorization: Bearer $TOKEN"     # 204`,
    `  curl -i ${orders.url}/orders -H "Authorization: Bearer $TOKEN"        # 401`,
    `  curl -i ${payments.url}/payments -H "Authorization: Bearer $TOKEN"      # 401`,
    '',
    'Or with a session cookie:',
    `  COOKIE=$(curl -si ${auth.url}/session/login -H 'Content-Type: application/json' \\`,
    `    -d '{"username":"${first?.username}","password":"${first?.password}"}' | sed -n 's/^set-cookie: \\([^;]*\\).*/\\1/ip')`,
    `  curl -i ${orders.url}/orders -H "Cookie: $COOKIE"                     # 200`,
    `  curl -i -X DELETE ${auth.url}/session -H "Cookie: $COOKIE" -H 'Origin: ${stack.issuer}'   # 204`,
    `  curl -i ${orders.url}/orders -H "Cookie: $COOKIE"                     # 401`,
    '',
    `Logs, data and secrets: ${stateDirectory}`,
  ];
}
