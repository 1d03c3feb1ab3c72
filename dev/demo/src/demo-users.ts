import { generateOnce, type Account, type AuthClient } from '@latchkey/local-stack';

/** Registers the demo accounts. Their passwords are generated at the first start and kept. */
export async function registerDemoUsers(
  auth: AuthClient,
  stateDirectory: string,
): Promise<readonly [Account, Account, Account]> {
  const account = (username: string) => ({
    username,
    password: generateOnce(stateDirectory, `demo-${username}`),
  });
  const accounts = [account('ada'), account('grace'), account('linus')] as const;
  for (const user of accounts) await auth.register(user);
  return accounts;
}
