import { z } from 'zod';

/** ISO 4217 alphabetic code. */
export const Currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as EUR');

/** An amount in the currency's minor unit (cents), never a fraction. */
export const Money = z.strictObject({
  minorUnits: z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
  currency: Currency,
});
export type Money = z.infer<typeof Money>;

const Quantity = z.number().int().min(1).max(1_000);

export const Product = z.object({
  id: z.uuid(),
  sku: z.string(),
  name: z.string(),
  price: Money,
  available: z.number().int().nonnegative(),
});
export type Product = z.infer<typeof Product>;
export const ProductListReply = z.object({ products: z.array(Product) });

const Line = z.strictObject({ productId: z.uuid(), quantity: Quantity });
const Lines = z
  .array(Line)
  .min(1)
  .max(50)
  .refine(
    (lines) => new Set(lines.map((line) => line.productId)).size === lines.length,
    'must name each product once',
  );

/** Inventory: hold stock for one order. Repeating it with the same `orderId` changes nothing. */
export const ReserveRequest = z.strictObject({ orderId: z.uuid(), lines: Lines });
export type ReserveRequest = z.infer<typeof ReserveRequest>;

export const Reservation = z.object({
  id: z.uuid(),
  orderId: z.uuid(),
  state: z.enum(['held', 'sold', 'released']),
  lines: z.array(Line.extend({ unitPrice: Money })),
  total: Money,
  expiresAt: z.iso.datetime(),
});
export type Reservation = z.infer<typeof Reservation>;

/** Payments: charge one order. Repeating it with the same `orderId` changes nothing. */
export const PayRequest = z.strictObject({
  orderId: z.uuid(),
  amount: Money,
  /** `declined-card` is refused by the built-in processor: the way to see a declined payment. */
  method: z.enum(['test-card', 'declined-card']),
});
export type PayRequest = z.infer<typeof PayRequest>;

export const Payment = z.object({
  id: z.uuid(),
  orderId: z.uuid(),
  state: z.enum(['captured', 'declined', 'refunded']),
  amount: Money,
  createdAt: z.iso.datetime(),
});
export type Payment = z.infer<typeof Payment>;

export const PlaceOrderRequest = z.strictObject({
  lines: Lines,
  paymentMethod: z.enum(['test-card', 'declined-card']),
});
export type PlaceOrderRequest = z.infer<typeof PlaceOrderRequest>;

export const Order = z.object({
  id: z.uuid(),
  userId: z.string(),
  state: z.enum(['pending', 'paid', 'payment_declined', 'out_of_stock', 'failed']),
  lines: z.array(Line.extend({ unitPrice: Money.optional() })),
  total: Money.optional(),
  createdAt: z.iso.datetime(),
});
export type Order = z.infer<typeof Order>;
export const OrderListReply = z.object({ orders: z.array(Order) });

/** Scopes that the domain services ask for. `*:admin` sees every user's rows. */
export const SHOP_SCOPES = [
  'orders:read',
  'orders:write',
  'inventory:read',
  'inventory:write',
  'payments:read',
  'payments:write',
  'orders:admin',
  'inventory:admin',
  'payments:admin',
] as const;
