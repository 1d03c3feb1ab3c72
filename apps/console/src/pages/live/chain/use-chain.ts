import type { StackReport } from '@latchkey/contracts/live';
import { useCallback, useMemo, useState } from 'react';
import type { ControlServer } from '../calls/control-server.js';
import type { Session } from '../session/use-session.js';
import { firstHop, furtherHops, type Hop } from './hop.js';
import { placeOrder, type OrderOutcome, type Shop } from './place-order.js';
import type { StackState } from '../use-stack.js';

/** Places orders, if the system has a shop. */
export function useChain({ control, report }: StackState, session: Session | undefined) {
  const shop = useMemo(() => shopIn(report), [report]);
  const [outcome, setOutcome] = useState<OrderOutcome>();
  const [hops, setHops] = useState<readonly Hop[]>([]);
  const [isOrdering, setOrdering] = useState(false);
  const order = useCallback(() => {
    if (!shop || !session) return;
    setOrdering(true);
    placeOrder(shop, session.token)
      .then(async (placed) => {
        if (placed.isPlaced) setHops(await hopsOf(control, session));
        setOutcome(placed);
      })
      .finally(() => setOrdering(false))
      .catch(reportError);
  }, [shop, session, control]);
  return { order: shop && order, outcome, hops, isOrdering };
}

async function hopsOf(
  control: ControlServer | undefined,
  session: Session,
): Promise<readonly Hop[]> {
  const further = control ? furtherHops(await control.hops(session.token)) : [];
  return [firstHop(session.username, session.claims), ...further];
}

function shopIn(report: StackReport | undefined): Shop | undefined {
  const of = (service: string) => report?.replicas.find((replica) => replica.service === service);
  const [orders, inventory] = [of('orders'), of('inventory')];
  return orders && inventory && { orders, inventory };
}
