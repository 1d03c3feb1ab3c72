import { z } from 'zod';

export { SHOP_EXAMPLES } from './examples.js';

/** Normalized to lower case, so that two spellings of one id do not count as two. */
const Id = z.uuid().toLowerCase();

/** ISO 4217 alphabetic code. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR');

/** A whole number of the currency's minor units, such as cents. */
export const Money = z.strictObject({
  /** zod accepts only safe integers. */
  minorUnits: z.number().int().nonnegative(),
  currency: Currency,
});
export type Money = z.infer<typeof Money>;

/** The `id` in a path. */
export const IdParameter = Id;

const Limit = z.coerce.number().int().min(1).max(100).default(20);

/** Selects a page: up to `limit` rows that follow the row `after`, which is the `next` of the previous page. */
export const PageQuery = z.strictObject({ limit: Limit, after: Id.optional() });
export type PageQuery = z.infer<typeof PageQuery>;

/** Selects a page of the caller's own rows. With `all=true`, an admin gets every user's rows. */
export const OwnedPageQuery = PageQuery.extend({
  all: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true'),
});
export type OwnedPageQuery = z.infer<typeof OwnedPageQuery>;

/** The `after` of the next page; absent on the last page. */
const Next = Id.optional();

const Quantity = z.number().int().min(1).max(1_000);

/** A product, and how many units are neither held nor sold. */
export const Product = z.object({
  id: Id,
  sku: z.string(),
  name: z.string(),
  price: Money,
  available: z.number().int().nonnegative(),
});
export type Product = z.infer<typeof Product>;
/** One page of products. */
export const ProductListReply = z.object({ products: z.array(Product), next: Next });
export type ProductListReply = z.infer<typeof ProductListReply>;

const Line = z.strictObject({ productId: Id, quantity: Quantity });
/** A quantity of one product. */
export type Line = z.infer<typeof Line>;
const Lines = z
  .array(Line)
  .min(1)
  .max(50)
  .refine(
    (lines) => new Set(lines.map((line) => line.productId)).size === lines.length,
    'must name each product once',
  );

/**
 * Inventory: holds stock for one order. Repeating the request with the same `orderId` changes nothing while the stock is
 * held or sold. After a release or an expiry, it holds the stock again at the first prices.
 */
export const ReserveRequest = z.strictObject({ orderId: Id, lines: Lines });
export type ReserveRequest = z.infer<typeof ReserveRequest>;

const PricedLine = Line.extend({ unitPrice: Money });

/** Stock held for one order, at the prices when it was first held. */
export const Reservation = z.object({
  id: Id,
  orderId: Id,
  userId: z.string(),
  /** `expired`: not sold in time, so the stock was returned. */
  state: z.enum(['held', 'sold', 'released', 'expired']),
  lines: z.array(PricedLine),
  total: Money,
  expiresAt: z.iso.datetime(),
});
export type Reservation = z.infer<typeof Reservation>;
/** One page of reservations. */
export const ReservationListReply = z.object({ reservations: z.array(Reservation), next: Next });
export type ReservationListReply = z.infer<typeof ReservationListReply>;

/** The test processor declines `declined-card`, to demonstrate a declined payment. */
export const PaymentMethod = z.enum(['test-card', 'declined-card']);
export type PaymentMethod = z.infer<typeof PaymentMethod>;

/** Payments: charges one order. Repeating the request with the same `orderId` changes nothing. */
export const PayRequest = z.strictObject({ orderId: Id, amount: Money, method: PaymentMethod });
export type PayRequest = z.infer<typeof PayRequest>;

/**
 * Payments: cancels the payment of one order. A captured payment is refunded; a charge that is still on its way will
 * find the order cancelled.
 */
export const CancelPaymentRequest = z.strictObject({ orderId: Id, amount: Money });
export type CancelPaymentRequest = z.infer<typeof CancelPaymentRequest>;

/**
 * Payments: cancels the payment of an order that orders gives up without its user, so the request names the
 * user. Otherwise
 * like {@link CancelPaymentRequest}.
 */
export const SettlePaymentRequest = CancelPaymentRequest.extend({ userId: z.string().min(1) });
export type SettlePaymentRequest = z.infer<typeof SettlePaymentRequest>;

/** The outcome of charging one order. */
export const Payment = z.object({
  id: Id,
  orderId: Id,
  userId: z.string(),
  state: z.enum(['captured', 'declined', 'refunded', 'cancelled']),
  amount: Money,
  createdAt: z.iso.datetime(),
});
export type Payment = z.infer<typeof Payment>;
/** One page of payments. */
export const PaymentListReply = z.object({ payments: z.array(Payment), next: Next });
export type PaymentListReply = z.infer<typeof PaymentListReply>;

/** Chosen by the caller, one for each order. */
export const IdempotencyKey = z
  .string('must be given')
  .regex(/^[A-Za-z0-9._~:-]{1,128}$/, 'must be 1 to 128 of A-Z a-z 0-9 . _ ~ : -');

/** Orders: reserves the lines and pays for them. Requests with the same {@link IdempotencyKey} are one order. */
export const PlaceOrderRequest = z.strictObject({ lines: Lines, paymentMethod: PaymentMethod });
export type PlaceOrderRequest = z.infer<typeof PlaceOrderRequest>;

/**
 * What a transaction that orders begins is about (`tctx`). Inventory and payments refuse a request about another order,
 * or with another payment method.
 */
export const OrderTransaction = z.looseObject({ order: Id, payment_method: PaymentMethod });
export type OrderTransaction = z.infer<typeof OrderTransaction>;

/** An order and its progress. */
export const Order = z.object({
  id: Id,
  userId: z.string(),
  /** `pending`: not finished; repeating the request with the same key continues it. */
  state: z.enum(['pending', 'paid', 'payment_declined', 'out_of_stock', 'failed']),
  /** Prices are set when the stock is held for the first time. */
  lines: z.array(Line.extend({ unitPrice: Money.optional() })),
  total: Money.optional(),
  createdAt: z.iso.datetime(),
});
export type Order = z.infer<typeof Order>;
/** One page of orders. */
export const OrderListReply = z.object({ orders: z.array(Order), next: Next });
export type OrderListReply = z.infer<typeof OrderListReply>;

/** A reservation that is overdue for an answer: which order it belongs to, and what became of it. */
const OpenReservation = z.strictObject({
  orderId: Id,
  userId: z.string().min(1),
  state: Reservation.shape.state,
});
export type OpenReservation = z.infer<typeof OpenReservation>;
/** Orders: finishes the orders of these reservations, unless somebody is still working on them. */
export const SettlementRequest = z.strictObject({
  reservations: z.array(OpenReservation).min(1).max(100),
});
export type SettlementRequest = z.infer<typeof SettlementRequest>;

/** The state of an order after its settlement. `unknown`: the user has no such order. */
export const SettledState = z.enum([...Order.shape.state.options, 'unknown']);
export type SettledState = z.infer<typeof SettledState>;
/** One state for each reservation, in the order of the request. */
export const SettlementReply = z.object({ states: z.array(SettledState) });
export type SettlementReply = z.infer<typeof SettlementReply>;
