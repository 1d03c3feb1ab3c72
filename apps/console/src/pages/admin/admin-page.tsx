import { admin } from '../../texts/admin.js';

export default function AdminPage() {
  return (
    <div className="page-head">
      <h1 className="page-title">{admin.title}</h1>
      <p className="page-lead">{admin.lead}</p>
    </div>
  );
}
