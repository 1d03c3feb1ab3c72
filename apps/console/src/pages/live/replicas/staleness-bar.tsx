import type { LiveVerifier } from '@latchkey/contracts/live';
import { Progress } from '@mantine/core';
import { live } from '../../../texts/live.js';
import { stalenessOf, type StalenessLevel } from './card-view.js';

const { staleness: label, stalenessValue } = live.replica;

const COLOURS: Readonly<Record<StalenessLevel, string>> = {
  fresh: 'var(--good)',
  ageing: 'var(--caution)',
  stale: 'var(--bad)',
  unknown: 'var(--bad)',
};

/** A bar that grows towards the age at which a deny-list counts as stale. */
export function StalenessBar({ verifier }: { verifier: LiveVerifier }) {
  const { level, percent, seconds, limitSeconds } = stalenessOf(verifier);
  const value = stalenessValue(seconds, limitSeconds);
  return (
    <div className="live-staleness">
      <span className="live-staleness-label">{label}</span>
      <span className="live-number">{value}</span>
      <Progress.Root size="sm" className="live-staleness-bar" transitionDuration={900}>
        <Progress.Section
          value={percent}
          color={COLOURS[level]}
          aria-label={label}
          aria-valuetext={value}
        />
      </Progress.Root>
    </div>
  );
}
