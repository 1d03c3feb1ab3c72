import type { Money, Order } from '@latchkey/shop-contracts';
import type { OrderEntity } from './order.entity.js';

export const totalOf = ({ totalMinorUnits, currency }: OrderEntity): Money | undefined =>
  totalMinorUnits === null || currency === null
    ? undefined
    : { minorUnits: totalMinorUnits, currency };

export function toOrder(entity: OrderEntity): Order {
  const { id, userId, state, lines, createdAt } = entity;
  const total = totalOf(entity);
  return {
    ...{ id, userId, state, lines },
    ...(total && { total }),
    createdAt: createdAt.toISOString(),
  };
}
