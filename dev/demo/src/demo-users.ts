import { generateOnce, type Account, type AuthClient } from '@latchkey/local-stack';

export type DemoUsers = readonly [Account, Account, Account];

/** The demo accounts. Their passwords are generated at the first start and kept. */
export function demoUsers(stateDirectory: string): DemoUsers {
  const account = (username: string) => ({
    username,
    password: generateOnce(stateDirectory, `demo-${username}`),
  });
  return [account('ada'), account('grace'), account('linus')];
}

/** Registers them, unless an earlier start has done so. */
export async function registerDemoUsers(auth: AuthClient, users: DemoUsers): Promise<void> {
  for (const user of users) await auth.register(user);
}
