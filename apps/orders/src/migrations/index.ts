import { Orders1700000004100 } from './1700000004100-orders.js';
import { UnfinishedOrders1700000004110 } from './1700000004110-unfinished-orders.js';

/** The migrations of orders, oldest first. */
export const MIGRATIONS = [Orders1700000004100, UnfinishedOrders1700000004110];
