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
  const user = report?.users.find(({ isAdministrator }) => !isAdministrator);
  return (
    <div className="live">
      <header className="live-lede">
        <h1>{texts.title}</h1>
        <p>{user ? texts.lede(user.username) : texts.ledeWithout}</p>
      </header>
      {!control && <SetupPanel addresses={live.addresses} onAdd={live.add} />}
      {failure && (
        <p className="live-warning" role="alert">
          {texts.control[failure]}
        </p>
      )}
      <Stage live={live} />
      <ChainPanel outcome={live.chain.outcome} hops={live.chain.hops} />
      {report?.labReport && <LabLink report={report.labReport} />}
    </div>
  );
}
