import { Link, useLocation } from 'wouter';

/** A link that says whether its page, or one below it, is open. */
export function NavigationLink({ to, title }: { to: string; title: string }) {
  const [path] = useLocation();
  const isOpen = path === to || path.startsWith(`${to}/`);
  return (
    <Link to={to} className="header-link" aria-current={isOpen ? 'page' : undefined}>
      {title}
    </Link>
  );
}
