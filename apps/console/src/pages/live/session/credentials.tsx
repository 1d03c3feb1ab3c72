import { Button, CopyButton } from '@mantine/core';
import { live } from '../../../texts/live.js';
import { useClock } from '../use-clock.js';
import type { Session } from './use-session.js';

const { token: tokenTexts, cookie: cookieTexts } = live.session;

interface CredentialsProps {
  readonly session: Session;
  /** Whether every replica has rejected the token. */
  readonly isRejected: boolean;
}

/** The two credentials of a session, side by side. */
export function Credentials({ session, isRejected }: CredentialsProps) {
  return (
    <div className="live-credentials">
      <TokenTile session={session} isRejected={isRejected} />
      <CookieTile session={session} />
    </div>
  );
}

function TokenTile({ session, isRejected }: CredentialsProps) {
  const { token, claims, tokens, hasEnded } = session;
  return (
    <section className="live-credential" data-ended={hasEnded} aria-label={tokenTexts.title}>
      <h3>{tokenTexts.title}</h3>
      <p>{hasEnded ? (isRejected ? tokenTexts.rejected : tokenTexts.ended) : tokenTexts.what}</p>
      <p className="live-quiet">{tokenTexts.facts(claims.bytes, claims.scopes.length)}</p>
      {claims.keyId !== undefined && (
        <p className="live-quiet">
          {tokenTexts.key} <code>{live.short(claims.keyId)}</code>
        </p>
      )}
      <p className="live-quiet">
        <Expiry expiresAt={claims.expiresAt} /> · {tokenTexts.count(tokens)}
      </p>
      <CopyButton value={token}>
        {({ copied, copy }) => (
          <Button variant="subtle" size="compact-sm" onClick={copy}>
            {copied ? tokenTexts.copied : tokenTexts.copy}
          </Button>
        )}
      </CopyButton>
    </section>
  );
}

function Expiry({ expiresAt }: { expiresAt: number | undefined }) {
  useClock();
  if (expiresAt === undefined) return null;
  const seconds = Math.ceil((expiresAt - Date.now()) / 1_000);
  if (seconds <= 0) return tokenTexts.expired;
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  return <span className="live-number">{tokenTexts.expires(time)}</span>;
}

function CookieTile({ session: { hasCookie, hasEnded } }: { session: Session }) {
  return (
    <section className="live-credential" data-ended={hasEnded} aria-label={cookieTexts.title}>
      <h3>{cookieTexts.title}</h3>
      <p>{hasCookie ? (hasEnded ? cookieTexts.ended : cookieTexts.what) : cookieTexts.none}</p>
      {hasCookie && <p className="live-quiet">{cookieTexts.facts}</p>}
    </section>
  );
}
