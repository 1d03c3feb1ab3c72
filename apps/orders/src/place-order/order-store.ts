import { ProblemError, returnedEntities } from '@latchkey/service-kit';
import type { PlaceOrderRequest, Reservation } from '@latchkey/shop-contracts';
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { createHash } from 'node:crypto';
import { In, Repository, type UpdateQueryBuilder } from 'typeorm';
import { CONFIG, type Config } from '../config.js';
import { OrderEntity, type Refusal } from '../orders/order.entity.js';

type Changes = Parameters<UpdateQueryBuilder<OrderEntity>['set']>[0];

/** Uses the database's clock, so that replicas whose clocks differ agree on which one holds the lease. */
const leaseEnd = () => "clock_timestamp() + :leaseSeconds * interval '1 s'";
const now = () => 'clock_timestamp()';

/**
 * Stores orders, and leases each to one request at a time. A lease is a column, not a lock: no connection
 * is held while the other services are called, and a crashed request loses the order when its lease ends.
 */
@Injectable()
export class OrderStore {
  readonly #leaseSeconds: number;

  constructor(
    @InjectRepository(OrderEntity) private readonly orders: Repository<OrderEntity>,
    @Inject(CONFIG) config: Pick<Config, 'ORDER_LEASE_SECONDS'>,
  ) {
    this.#leaseSeconds = config.ORDER_LEASE_SECONDS;
  }

  /** @returns the new order, leased to the caller; undefined if the user used the key before */
  async insert(
    userId: string,
    idempotencyKey: string,
    request: PlaceOrderRequest,
  ): Promise<OrderEntity | undefined> {
    const result = await this.orders
      .createQueryBuilder()
      .insert()
      .values({
        userId,
        idempotencyKey,
        requestHash: fingerprint(request),
        paymentMethod: request.paymentMethod,
        state: 'pending',
        lines: request.lines,
        leasedUntil: leaseEnd,
      })
      .setParameter('leaseSeconds', this.#leaseSeconds)
      .orIgnore()
      .returning('*')
      .updateEntity(false)
      .execute();
    return returnedEntities(this.orders, result)[0];
  }

  async findByKey(userId: string, idempotencyKey: string): Promise<OrderEntity> {
    const order = await this.orders.findOneBy({ userId, idempotencyKey });
    if (!order)
      throw new Error('the order of a used key is gone, although orders are never deleted');
    return order;
  }

  /** Finds orders of any user by their ids, and leaves out those that do not exist. */
  findAll(ids: readonly string[]): Promise<OrderEntity[]> {
    return this.orders.findBy({ id: In([...ids]) });
  }

  /**
   * @param idleSeconds how long the order must have been without a lease
   * @returns the unfinished order, leased to the caller; undefined while another request holds it
   */
  async claim(id: string, idleSeconds = 0): Promise<OrderEntity | undefined> {
    const result = await this.#update({ attempt: () => 'attempt + 1', leasedUntil: leaseEnd })
      .where({ id, state: 'pending' })
      .andWhere('leased_until <= clock_timestamp() - make_interval(secs => :idleSeconds)', {
        idleSeconds,
      })
      .setParameter('leaseSeconds', this.#leaseSeconds)
      .execute();
    return returnedEntities(this.orders, result)[0];
  }

  /** Written before the charge is sent: every later attempt must assume that it arrived. */
  expectPayment(order: OrderEntity, { lines, total }: Reservation): Promise<OrderEntity> {
    return this.#updateOwn(order, {
      lines,
      totalMinorUnits: total.minorUnits,
      currency: total.currency,
      paymentAttempted: true,
    });
  }

  /** Written before the charge is undone: a later attempt can only undo it too. */
  decideRefusal(order: OrderEntity, refusal: Refusal): Promise<OrderEntity> {
    return this.#updateOwn(order, { refusal });
  }

  finish(
    order: OrderEntity,
    state: Exclude<OrderEntity['state'], 'pending'>,
    refusal: Refusal | null = null,
  ): Promise<OrderEntity> {
    return this.#updateOwn(order, { state, refusal });
  }

  /** Ends the lease, so that the next request can continue at once. */
  async release({ id, attempt }: OrderEntity): Promise<void> {
    await this.#update({ leasedUntil: now }).where({ id, attempt, state: 'pending' }).execute();
  }

  /** @throws ProblemError 409 when another attempt has taken over */
  async #updateOwn({ id, attempt }: OrderEntity, changes: Changes): Promise<OrderEntity> {
    const result = await this.#update(changes).where({ id, attempt, state: 'pending' }).execute();
    const [order] = returnedEntities(this.orders, result);
    if (!order) throw orderInProgress();
    return order;
  }

  #update(changes: Changes): UpdateQueryBuilder<OrderEntity> {
    return this.orders.createQueryBuilder().update().set(changes).returning('*');
  }
}

/** The same for equal requests: the schema gives their members one order. */
export const fingerprint = (request: PlaceOrderRequest) =>
  createHash('sha256').update(JSON.stringify(request)).digest('base64url');

export const orderInProgress = () =>
  new ProblemError(409, 'order_in_progress', 'Another request with this key is in progress', {
    headers: { 'retry-after': '1' },
  });
