import { Button, CopyButton } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';

const { secret: words } = admin.client;

/** A new secret, which is in the memory of this page only until somebody says that it is stored. */
export function SecretOnce(props: { clientId: string; secret: string; onStored: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.focus(), []);
  return (
    <div ref={place} tabIndex={-1} className="secret-once">
      <Panel title={words.title} className="secret">
        <p>{words.text(props.clientId)}</p>
        <p>
          <code className="secret-value">{props.secret}</code>
        </p>
        <div className="row">
          <CopyButton value={props.secret}>
            {({ copied, copy }) => (
              <Button size="xs" onClick={copy}>
                {copied ? words.copied : words.copy}
              </Button>
            )}
          </CopyButton>
          <Button size="xs" variant="default" onClick={props.onStored}>
            {words.stored}
          </Button>
        </div>
      </Panel>
    </div>
  );
}
