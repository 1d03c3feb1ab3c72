import { Table } from '@mantine/core';
import { live } from '../../../texts/live.js';
import { Part } from '../part.js';
import type { Hop } from './hop.js';
import type { OrderOutcome } from './place-order.js';

const texts = live.chain;
/** More scopes than these are counted instead. */
const LISTED_SCOPES = 2;

/** The hops of an order, with what the token of each is good for. */
export function ChainPanel({
  outcome,
  hops,
}: {
  outcome: OrderOutcome | undefined;
  hops: readonly Hop[];
}) {
  return (
    <Part title={texts.title} className="live-chain">
      <p>{texts.intro}</p>
      <p
        aria-live="polite"
        className="live-notice"
        data-tone={outcome?.isPlaced === false ? 'bad' : 'good'}
      >
        {outcome?.text ?? texts.none}
      </p>
      {hops.length > 0 && <HopTable hops={hops} />}
      {hops.length > 0 && (
        <p className="live-quiet">{hops.length > 1 ? texts.asked : texts.hidden}</p>
      )}
    </Part>
  );
}

function HopTable({ hops }: { hops: readonly Hop[] }) {
  return (
    // A table may be wider than a phone, so that it scrolls by itself, and by the keyboard.
    <div className="live-scroll" tabIndex={0} role="region" aria-label={texts.table}>
      <Table>
        <Table.Thead>
          <Table.Tr>
            {[texts.hop, texts.audience, texts.scopes, texts.actor].map((heading) => (
              <Table.Th key={heading} scope="col">
                {heading}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {hops.map(({ from, to, audience, scopes, actor }) => (
            <Table.Tr key={to + from}>
              <Table.Th scope="row">
                {from} → {to}
              </Table.Th>
              <Table.Td>{audience.join(', ')}</Table.Td>
              <Table.Td>
                {scopes.length > LISTED_SCOPES ? texts.manyScopes(scopes.length) : scopes.join(' ')}
              </Table.Td>
              <Table.Td>{actor ?? texts.noActor}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
