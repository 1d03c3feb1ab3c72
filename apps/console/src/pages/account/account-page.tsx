import { account } from '../../texts/account.js';

export default function AccountPage() {
  return (
    <div className="page-head">
      <h1 className="page-title">{account.title}</h1>
      <p className="page-lead">{account.lead}</p>
    </div>
  );
}
