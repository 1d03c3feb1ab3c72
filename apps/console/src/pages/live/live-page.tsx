import { useSyncExternalStore } from 'react';
import { controlRefusal } from '../../control/control-address.js';
import { live as texts } from '../../texts/live.js';
import { ChainPanel } from './chain/chain-panel.js';
import { LabLink } from './lab-link.js';
import './live.css';
import { SetupPanel } from './setup/setup-panel.js';
import { Stage } from './stage.js';
import { useLive } from './use-live.js';

/** The live view: log in, log out, and watch the log-out reach every replica. */
export default function LivePage() {
  const live = useLive();
  const { control, report, failure } = live.stack;
  const wasRefused = useSyncExternalStore(controlRefusal.subscribe, controlRefusal.read);
  const user = report?.users.find(({ isAdministrator }) => !isAdministrator);
  return (
    <div className="live">
      <header className="live-lede">
        <h1>{texts.title}</h1>
        <p>{user ? texts.lede(user.username) : texts.ledeWithout}</p>
      </header>
      {wasRefused && <Warning text={texts.control.refused} />}
      {!control && <SetupPanel addresses={live.addresses} onAdd={live.add} />}
      {failure && <Warning text={texts.control[failure]} />}
      <Stage live={live} />
      <ChainPanel outcome={live.chain.outcome} hops={live.chain.hops} />
      {report?.labReport && <LabLink report={report.labReport} />}
    </div>
  );
}

const Warning = ({ text }: { text: string }) => (
  <p className="live-warning" role="alert">
    {text}
  </p>
);
