import type { KeyRotationReply, SigningKeyListReply } from '@latchkey/contracts/auth-api';
import { Button } from '@mantine/core';
import { read, revoke, segment, send } from '../../../auth/api.js';
import { useLoaded } from '../../../auth/use-loaded.js';
import { useAsked, type Asked } from '../../../components/asked.js';
import { Items } from '../../../components/item.js';
import { LoadedList } from '../../../components/loaded-list.js';
import { Panel } from '../../../shell/panel.js';
import { admin } from '../../../texts/admin.js';
import { KeyItem, type SigningKey } from './key-item.js';

const { keys: words } = admin;
const load = (signal: AbortSignal) => read<SigningKeyListReply>('admin/signing-keys', signal);

export function KeysPage() {
  const loaded = useLoaded(load);
  const { ask, notice, dialog } = useAsked(loaded.reload);
  return (
    <Panel
      title={words.title}
      aside={
        <div className="row">
          <Button variant="subtle" size="compact-sm" onClick={() => void loaded.reload()}>
            {admin.reload}
          </Button>
          <Button size="xs" variant="default" onClick={() => askRotate(ask)}>
            {words.rotate}
          </Button>
        </div>
      }
    >
      <p className="hint">{words.lead}</p>
      {notice}
      <LoadedList loaded={loaded}>
        {({ keys }) => (
          <Items label={words.title}>
            {keys.map((key) => (
              <KeyItem key={key.keyId} signingKey={key} onRevoke={() => askRevoke(ask, key)} />
            ))}
          </Items>
        )}
      </LoadedList>
      {dialog}
    </Panel>
  );
}

function askRotate(ask: Asked['ask']): void {
  const { rotate } = words.asked;
  ask(rotate, rotate.text, async () => {
    const { keyId } = await send<KeyRotationReply>('POST', 'admin/signing-keys/rotate');
    return rotate.done(shortId(keyId));
  });
}

function askRevoke(ask: Asked['ask'], { keyId, state }: SigningKey): void {
  const { revoke: question } = words.asked;
  const consequence = state === 'active' ? ` ${question.active}` : '';
  ask(question, `${question.text(shortId(keyId))}${consequence}`, async () => {
    const published = await revoke('POST', `admin/signing-keys/${segment(keyId)}/revoke`);
    return `${question.done(shortId(keyId))} ${published}`;
  });
}

/** A thumbprint has 43 characters, of which the first ones tell keys apart. */
const shortId = (id: string) => (id.length > 12 ? `${id.slice(0, 12)}…` : id);
