import { ProductListReply, ReservationListReply } from '@latchkey/shop-contracts';
import { waitFor } from '@latchkey/testing';
import { randomUUID } from 'node:crypto';
import { SCOPES, useInventory } from './inventory-fixture.js';

const shop = useInventory();
const { available, call, reserve, reserved } = shop;

describe('inventory', () => {
  describe('products', () => {
    it('are listed page by page, each once', async () => {
      expect(shop.products).toHaveLength(12);
      const seen: string[] = [];
      let next: string | undefined;
      do {
        const { body } = await call(
          'GET',
          `/products?limit=5${next ? `&after=${next}` : ''}`,
          shop.ada,
        );
        const page = ProductListReply.parse(body);
        seen.push(...page.products.map(({ id }) => id));
        ({ next } = page);
      } while (next);
      expect(seen).toEqual(shop.products.map(({ id }) => id));
    });

    it('can be read one by one, with any spelling of the id', async () => {
      const { id } = shop.products[1]!;
      expect((await call('GET', `/products/${id.toUpperCase()}`, shop.ada)).body).toEqual(
        shop.products[1],
      );
      const unknown = await call('GET', `/products/${randomUUID()}`, shop.ada);
      expect(unknown).toMatchObject({ status: 404, body: { code: 'product_not_found' } });
    });
  });

  describe('access to rows', () => {
    it('shows only the caller’s own reservations, newest first, in pages', async () => {
      const eve = await shop.authority.issuer.makeToken({ subject: randomUUID(), scope: SCOPES });
      const first = await reserved(eve, 1);
      const second = await reserved(eve, 1);
      await reserved(shop.ada, 1);
      const page = async (query: string) =>
        ReservationListReply.parse((await call('GET', `/reservations?${query}`, eve)).body);
      expect((await page('')).reservations.map(({ id }) => id)).toEqual([second.id, first.id]);
      const { next } = await page('limit=1');
      expect((await page(`limit=1&after=${next}`)).reservations).toEqual([first]);
      expect((await call('GET', `/reservations/${first.id}`, shop.ada)).status).toBe(404);
      expect((await call('GET', `/reservations/${first.id}`, shop.admin)).body).toEqual(first);
    });

    it('shows every user’s reservations to an admin only', async () => {
      const reservation = await reserved(shop.bob, 1);
      const { body } = await call('GET', '/reservations?all=true', shop.admin);
      expect(ReservationListReply.parse(body).reservations[0]).toEqual(reservation);
      expect((await call('GET', '/reservations?all=true', shop.ada)).status).toBe(403);
    });

    it('requires the scope of each route', async () => {
      const reader = await shop.authority.issuer.makeToken({ scope: 'inventory:read' });
      expect((await reserve(reader, 1)).status).toBe(403);
      const writer = await shop.authority.issuer.makeToken({ scope: 'inventory:write' });
      expect((await call('GET', '/products', writer)).status).toBe(403);
    });

    it('refuses a token for another service, and a token of a session that has ended', async () => {
      const foreign = await shop.authority.issuer.makeToken({
        scope: SCOPES,
        audience: 'payments',
      });
      expect((await call('GET', '/products', foreign)).status).toBe(401);
      const sessionId = randomUUID();
      const token = await shop.authority.issuer.makeToken({ scope: SCOPES, sessionId });
      expect((await call('GET', '/products', token)).status).toBe(200);
      await shop.authority.revokeSession(sessionId);
      await waitFor(async () => (await call('GET', '/products', token)).status === 401);
    });
  });

  describe('bad input', () => {
    const line = () => ({ productId: shop.products[0]!.id, quantity: 1 });
    const cases: [string, () => unknown, string][] = [
      ['no lines', () => ({ orderId: randomUUID(), lines: [] }), '/lines'],
      ['a product twice', () => ({ orderId: randomUUID(), lines: [line(), line()] }), '/lines'],
      [
        'a product twice in two spellings',
        () => ({
          orderId: randomUUID(),
          lines: [line(), { ...line(), productId: shop.products[0]!.id.toUpperCase() }],
        }),
        '/lines',
      ],
      [
        'half a unit',
        () => ({ orderId: randomUUID(), lines: [{ ...line(), quantity: 0.5 }] }),
        '/lines/0/quantity',
      ],
      [
        'a negative quantity',
        () => ({ orderId: randomUUID(), lines: [{ ...line(), quantity: -1 }] }),
        '/lines/0/quantity',
      ],
      ['another price', () => ({ orderId: randomUUID(), lines: [line()], total: 1 }), '/total'],
      ['an invalid id', () => ({ orderId: 'x', lines: [line()] }), '/orderId'],
    ];
    it.each(cases)('is reported by field: %s', async (_, body, field) => {
      const refused = await call('POST', '/reservations', shop.ada, body());
      expect(refused).toMatchObject({ status: 400, body: { errors: [{ in: 'body', field }] } });
      expect(await available()).toBe(1_000);
    });

    it.each(['limit=0', 'limit=101', 'limit=x', 'limit=1&limit=2', 'after=x', 'page=2'])(
      'is reported by parameter: %s',
      async (query) => {
        const refused = await call('GET', `/products?${query}`, shop.ada);
        const field = query.split('=')[0];
        expect(refused).toMatchObject({ status: 400, body: { errors: [{ in: 'query', field }] } });
      },
    );

    it('is reported by path parameter', async () => {
      for (const path of ['/products/1', '/reservations/1']) {
        expect(await call('GET', path, shop.ada)).toMatchObject({
          status: 400,
          body: { errors: [{ in: 'path', field: 'id' }] },
        });
      }
    });
  });

  it('exposes metrics about verifications and the deny-list', async () => {
    const metrics = await (await fetch(`${shop.service.url}/metrics`)).text();
    expect(metrics).toMatch(/latchkey_verifications_total\{outcome="accepted",token="user"\} \d+/);
    expect(metrics).toMatch(/latchkey_deny_list_entries \d+/);
    expect(metrics).toMatch(/latchkey_staleness_seconds(\{.*\})? \d/);
    expect(metrics).toMatch(/latchkey_deny_list_bytes \d+/);
    expect(metrics).toMatch(/latchkey_key_set_age_seconds \d/);
    expect(metrics).toMatch(/latchkey_signature_cache_tokens [1-9]/);
    expect(metrics).toMatch(/latchkey_signature_cache_hits_total [1-9]/);
    expect(metrics).toMatch(/latchkey_signature_cache_misses_total [1-9]/);
    expect(metrics).toMatch(/latchkey_key_set_fetches_total\{ok="true"\} [1-9]/);
  });

  it('reports which keys it trusts, how old they are, and refused tokens by code', async () => {
    await call('GET', '/products', 'nonsense');
    const response = await fetch(`${shop.service.url}/health/ready`);
    const { checks } = (await response.json()) as { checks: Record<string, { report: unknown }> };
    expect(checks['verifier']?.report).toMatchObject({
      issuers: [{ keyIds: [expect.any(String)], ageSeconds: expect.any(Number) }],
      tokens: { accepted: expect.any(Number), refused: { malformed: expect.any(Number) } },
      signatureCache: { hits: expect.any(Number) },
    });
  });

  it('documents its inputs and replies', async () => {
    const response = await fetch(`${shop.service.url}/docs-json`);
    const document = JSON.stringify(await response.json());
    for (const word of ['orderId', 'unitPrice', 'available', 'Hold stock for an order']) {
      expect(document).toContain(word);
    }
  });
});
