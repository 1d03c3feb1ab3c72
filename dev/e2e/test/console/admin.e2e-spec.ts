import { waitFor } from '@latchkey/local-stack';
import { startTestBrowser, type TestBrowser } from '@latchkey/testing/browser';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { AdminFixture, PASSWORD } from './admin-fixture.js';
import { NO_FAULTS, SessionPage } from './session-page.js';

interface UserBody {
  readonly id: string;
  readonly roles: string[];
  readonly disabled: boolean;
}
interface ClientBody {
  readonly scopes: string[];
  readonly exchange: object;
  readonly credentials: { kind: string }[];
}

describe('the administration', () => {
  let browser: TestBrowser;
  let fixture: AdminFixture;
  let admin: SessionPage;

  beforeAll(async () => {
    browser = await startTestBrowser();
    fixture = await AdminFixture.start(browser);
    ({ admin } = fixture);
    await admin.loggedIn(fixture.account);
  });
  afterAll(async () => {
    await fixture?.close();
    await browser?.close();
  });
  beforeEach(() => admin.goTo('/account'));

  const userOf = async (name: string) => (await fixture.ask<UserBody>(`/admin/users/${name}`)).body;
  const clientOf = (id: string) => fixture.ask<ClientBody>(`/admin/clients/${id}`);

  it('is closed to users without the scope', async () => {
    const user = await fixture.newUser();
    const page = await SessionPage.open(browser, fixture.stack.issuer, '/admin/keys');
    await page.loggedIn(user);
    await page.page.getByRole('heading', { name: 'For administrators only' }).waitFor();
    expect(await page.page.getByText(user.username).count()).toBe(1);
    await page.visit.close();
  });

  it('finds users in pages, creates one, and says what is wrong with a form', async () => {
    for (let index = 0; index < 22; index += 1) await fixture.newUser('many');
    await admin.goTo('/admin/users');
    expect(await admin.items('Users').count()).toBe(20);
    await admin.button('Next page').click();
    await admin.page.getByText('Page 2').waitFor();
    await admin.settled();
    expect(await admin.items('Users').count()).toBeLessThan(20);
    await admin.field('Search users').fill('  ADM');
    await admin.button('Search').click();
    await admin.page.getByText('Page 2').waitFor({ state: 'detached' });
    await admin.settled();
    expect(await admin.items('Users').allInnerTexts()).toEqual([
      expect.stringMatching(/^admin\s+admin/),
    ]);

    await admin.button('Create a user').click();
    const create = async (name: string, roles: string) => {
      await admin.field('User name').fill(name);
      await admin.field('First password').fill(PASSWORD);
      await admin.field('Roles').fill(roles);
      await admin.button('Create').click();
    };
    await create('admin', '');
    expect(await admin.problem()).toContain('A user has this name already');
    const name = `made-${randomUUID()}`;
    await create(name, 'wizard');
    await admin.page.getByText('the known roles are').first().waitFor();
    await create(name, 'support');
    await admin.page.getByRole('heading', { name }).waitFor();
    expect(await userOf(name)).toMatchObject({ roles: ['support'], disabled: false });
  });

  it('changes a user: roles, password, sessions, and whether it may log in', async () => {
    const user = await fixture.newUser();
    const { username } = user;
    const session = () => fixture.auth.logIn(user);
    const alive = async ({ access_token: token }: { access_token: string }) =>
      (await fixture.auth.send('GET', '/sessions', { token })).status === 200;
    const [one, two] = [await session(), await session()];
    await admin.goTo(`/admin/users/${username}`);
    expect(await admin.items('Sessions').count()).toBe(2);
    const ends = admin.items('Sessions').getByRole('button');
    expect(await admin.confirm(ends.first(), 'End the session')).toContain(username);
    expect([await alive(one), await alive(two)].sort()).toEqual([false, true]);
    await admin.confirm(
      admin.panel('Sessions').getByRole('button', { name: 'End all' }),
      'End all sessions',
    );
    expect(await alive(two)).toBe(false);
    expect(await admin.items('Sessions').count()).toBe(0);

    await admin.field('Roles of this user').fill('Support');
    await admin.button('Change the roles').click();
    await admin.says('are changed');
    expect((await userOf(username)).roles).toEqual(['support']);
    await admin.field('Roles of this user').fill('');
    const lost = await admin.confirm(admin.button('Change the roles'), 'Change the roles');
    expect(lost).toContain('loses support');
    expect((await userOf(username)).roles).toEqual([]);

    await admin.field('New password').fill('password1');
    await admin.button('Set the password').click();
    await admin.dialog.getByRole('button', { name: 'Set the password' }).click();
    await admin.dialog.getByText('Many people use this password').waitFor();
    await admin.cancel();
    await admin.field('New password').fill('another long password');
    await admin.confirm(admin.button('Set the password'), 'Set the password');
    expect(await fixture.logInStatus(user)).toBe(401);
    const changed = { username, password: 'another long password' };
    expect(await fixture.logInStatus(changed)).toBe(200);

    await admin.confirm(admin.button('Disable'), 'Disable');
    expect(await fixture.logInStatus(changed)).toBe(401);
    expect((await userOf(username)).disabled).toBe(true);
    await admin.button('Enable').click();
    await admin.button('Disable').waitFor();
    expect(await fixture.logInStatus(changed)).toBe(200);
  });

  it('does not remove the last administrator', async () => {
    await admin.goTo('/admin/users/admin');
    await admin.button('Disable').click();
    await admin.dialog.getByRole('button', { name: 'Disable' }).click();
    await admin.dialog.getByText('This is the only administrator').waitFor();
    await admin.cancel();
    await admin.field('Roles of this user').fill('');
    await admin.button('Change the roles').click();
    await admin.dialog.getByRole('button', { name: 'Change the roles' }).click();
    await admin.dialog.getByText('This is the only administrator').waitFor();
    expect(await userOf('admin')).toMatchObject({ roles: ['admin'], disabled: false });
  });

  it('adds a client, shows its secret once, rotates it, revokes it and removes it', async () => {
    const id = `shipping-${randomUUID()}`;
    await admin.goTo('/admin/clients');
    await admin.button('Add a client').click();
    await admin.field('Client id').fill(id);
    await admin.field('Own scopes').fill('orders:read');
    await admin.field('May act for users at').fill('nowhere');
    await admin.button('Add the client').click();
    await admin.page
      .getByText(/nowhere|is unknown|not known/)
      .first()
      .waitFor();
    await admin.field('May act for users at').fill('inventory inventory:read\norders');
    await admin.button('Add the client').click();
    const first = await admin.page.locator('.secret-value').innerText();
    expect(await admin.focused()).toContain('The new secret');
    expect(await fixture.clientStatus(id, first)).toBe(200);
    await admin.button('I have stored it').click();
    await admin.page.getByRole('heading', { name: id }).waitFor();
    await admin.settled();
    expect(await admin.page.content()).not.toContain(first);
    expect((await clientOf(id)).body).toMatchObject({
      scopes: ['orders:read'],
      exchange: { inventory: ['inventory:read'], orders: null },
    });

    await admin.field('Own scopes').fill('orders:read inventory:read');
    await admin.button('Change').click();
    await admin.says('is changed');
    expect((await clientOf(id)).body.scopes).toEqual(['orders:read', 'inventory:read']);

    await admin.button('New secret').dblclick();
    const second = await admin.page.locator('.secret-value').innerText();
    await admin.button('I have stored it').click();
    expect((await clientOf(id)).body.credentials).toHaveLength(2);
    await admin.confirm(admin.button('Remove the secret').first(), 'Remove the credential');
    expect(await fixture.clientStatus(id, first)).toBe(401);
    expect(await fixture.clientStatus(id, second)).toBe(200);
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    await admin.button('New key').click();
    for (const [jwk, refusal] of [
      ['not JSON', /not a JSON object/],
      [JSON.stringify(privateKey.export({ format: 'jwk' })), /private members/],
    ] as const) {
      await admin.field('Public key (JWK)').fill(jwk);
      await admin.button('Add the key').click();
      await admin.page.getByText(refusal).first().waitFor();
    }
    const jwk = publicKey.export({ format: 'jwk' });
    await admin.field('Public key (JWK)').fill(JSON.stringify({ keys: [jwk] }));
    await admin.button('Add the key').click();
    await admin.page.getByText('The key is added.').waitFor();
    expect((await clientOf(id)).body.credentials.map(({ kind }) => kind)).toEqual([
      'secret',
      'key',
    ]);

    expect(await admin.confirm(admin.button('Revoke'), 'Revoke the client')).toContain(id);
    expect(await fixture.clientStatus(id, second)).toBe(401);
    await admin.confirm(admin.button('Remove'), 'Remove the client');
    await admin.page.getByRole('heading', { name: 'Clients' }).waitFor();
    expect((await clientOf(id)).status).toBe(404);
  });

  it('leaves a client of the configuration alone, except that it can be revoked', async () => {
    await admin.goTo(`/admin/clients/${fixture.stack.client.name}`);
    expect(await admin.field('Own scopes').isEditable()).toBe(false);
    expect(await admin.button('Remove').count()).toBe(0);
    expect(await admin.button('Revoke').count()).toBe(1);
  });

  it('rotates and revokes a signing key, and says what follows', async () => {
    type Keys = { keys: { keyId: string; state: string }[] };
    const states = async () => (await fixture.ask<Keys>('/admin/signing-keys')).body.keys;
    const active = async () => (await states()).find(({ state }) => state === 'active')!.keyId;
    await admin.goTo('/admin/keys');
    const before = await active();
    await admin.confirm(admin.button('Rotate now'), 'Rotate');
    const after = await active();
    expect(after).not.toBe(before);
    await admin.says(after.slice(0, 12));
    const question = await admin.confirm(admin.button(`Revoke the key ${after}`), 'Revoke the key');
    expect(question).toMatch(/rejects all tokens that .* the key that signs now/s);
    expect((await states()).find(({ keyId }) => keyId === after)?.state).toBe('revoked');
    // The page goes on, with a token of the next key.
    await admin.items('Signing keys').getByText('Revoked').waitFor();
  });

  it('shows who did what, with filters', async () => {
    const user = await fixture.newUser('audited');
    await fixture.ask(`/admin/users/${user.username}/disable`, 'POST');
    await fixture.logInStatus({ ...user, password: 'wrong' });
    await admin.goTo('/admin/audit');
    await admin.field('About the user').fill('nobody-has-this-name');
    await admin.button('Filter').click();
    await admin.page.getByText('There is no user nobody-has-this-name.').first().waitFor();
    await admin.field('About the user').fill(user.username.toUpperCase());
    await admin.field('By the administrator').fill('admin');
    await admin.field('Event').selectOption('user_disabled');
    const events = admin.items('Audit trail');
    await admin.button('Filter').click();
    await waitFor(async () => (await events.count()) === 1);
    await admin.settled();
    expect(await events.allInnerTexts()).toEqual([
      expect.stringMatching(/User disabled[^]*by admin[^]*127\.0\.0\.1/),
    ]);
    await admin.field('From').fill('2099-01-01T00:00');
    await admin.button('Filter').click();
    await admin.page.getByText('No event is like that.').waitFor();
    await admin.button('Show all').click();
    await admin.button('Next page').waitFor();
    await events.first().getByText('Details').click();
    expect(await events.first().innerText()).toMatch(/request/);
  });

  it('says so if a revocation is recorded, but cannot be published', async () => {
    const user = await fixture.newUser();
    await fixture.auth.logIn(user);
    await admin.goTo(`/admin/users/${user.username}`);
    await fixture.stack.nats.stop();
    const endAll = admin.panel('Sessions').getByRole('button', { name: 'End all' });
    await admin.confirm(endAll, 'End all sessions');
    await admin.says(/recorded, but not published yet/);

    await admin.goTo('/account');
    const own = admin.items('Sessions').filter({ hasText: 'This session' }).getByRole('button');
    await admin.confirm(own, 'End the session');
    await admin.says(/^The session of Chrome.* has ended\. It is recorded, but not published yet/);
    await admin.loggedIn(fixture.account);
    expect(await admin.page.getByText(/not published yet/).count()).toBe(0);
    await admin.confirm(admin.button('End all'), 'End all sessions');
    await admin.says(/^All of your sessions have ended\. It is recorded/);
    await fixture.stack.nats.restart();
    await admin.loggedIn(fixture.account);
  });

  it.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('is accessible in the %s scheme at %d pixels', async (colorScheme, width) => {
    const { page } = admin;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 844 });
    for (const path of [
      'users',
      'users/all/new',
      'users/admin',
      'clients',
      'clients/all/new',
      'keys',
      'audit',
    ]) {
      await admin.goTo(`/admin/${path}`);
      await page.reload();
      await page.getByRole('navigation', { name: 'Parts of the administration' }).waitFor();
      await admin.settled();
      expect({ path, ...(await admin.faults()) }).toEqual({ path, ...NO_FAULTS });
    }
  });
});
