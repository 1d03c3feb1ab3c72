import { RowAccessPolicy } from '@latchkey/service-authentication';

export const rowAccess = new RowAccessPolicy('orders:admin');
