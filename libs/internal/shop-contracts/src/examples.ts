const PRODUCT = '0193a001-0000-7000-8000-000000000001';
const ORDER = '0193b2a7-3f10-7a2b-8c3d-4e5f60718293';
const USER = '0193b2a4-7c1e-7d52-9f3a-5b6c7d8e9f01';
const RESERVATION = '0193b2a7-3f22-7b1c-9d2e-3f4051627384';
const PAYMENT = '0193b2a7-3f41-7c0d-8e1f-203142536475';
const PLACED_AT = '2026-11-30T12:01:00.000Z';

const UNIT_PRICE = { minorUnits: 1_250, currency: 'EUR' };
const TOTAL = { minorUnits: 2_500, currency: 'EUR' };
const LINES = [{ productId: PRODUCT, quantity: 2 }];
const PRICED_LINES = LINES.map((line) => ({ ...line, unitPrice: UNIT_PRICE }));

const product = {
  ...{ id: PRODUCT, sku: 'TEA-100', name: 'Green tea, 100 g' },
  ...{ price: UNIT_PRICE, available: 40 },
};
const order = {
  ...{ id: ORDER, userId: USER, state: 'paid', lines: PRICED_LINES, total: TOTAL },
  createdAt: PLACED_AT,
};
const reservation = {
  ...{ id: RESERVATION, orderId: ORDER, userId: USER, state: 'held' },
  ...{ lines: PRICED_LINES, total: TOTAL, expiresAt: '2026-11-30T12:16:00.000Z' },
};
const payment = {
  ...{ id: PAYMENT, orderId: ORDER, userId: USER, state: 'captured', amount: TOTAL },
  createdAt: PLACED_AT,
};

/** Example bodies for the OpenAPI documents of the shop, by the name of their schema. All are about one order. */
export const SHOP_EXAMPLES: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Product: { 'A product': product },
  ProductListReply: {
    'The last page': { products: [product] },
    'A page that another follows': { products: [product], next: PRODUCT },
  },
  PlaceOrderRequest: {
    'An order that is paid': { lines: LINES, paymentMethod: 'test-card' },
    'An order whose payment is declined': { lines: LINES, paymentMethod: 'declined-card' },
  },
  Order: { 'A paid order': order },
  OrderListReply: { 'The last page': { orders: [order] } },
  ReserveRequest: { 'Stock for an order': { orderId: ORDER, lines: LINES } },
  Reservation: { 'Held stock': reservation },
  ReservationListReply: { 'The last page': { reservations: [reservation] } },
  PayRequest: { 'A charge': { orderId: ORDER, amount: TOTAL, method: 'test-card' } },
  Payment: {
    'A captured payment': payment,
    'A declined payment': { ...payment, state: 'declined' },
  },
  PaymentListReply: { 'The last page': { payments: [payment] } },
  CancelPaymentRequest: { 'A cancellation': { orderId: ORDER, amount: TOTAL } },
  SettlePaymentRequest: {
    'A cancellation without its user': { orderId: ORDER, amount: TOTAL, userId: USER },
  },
  SettlementRequest: {
    'An overdue reservation': { reservations: [{ orderId: ORDER, userId: USER, state: 'held' }] },
  },
  SettlementReply: { 'Its order is paid': { states: ['paid'] } },
};
