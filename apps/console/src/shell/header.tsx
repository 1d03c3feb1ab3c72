import { Link } from 'wouter';
import { PAGES } from '../pages/pages.js';
import { texts } from '../texts.js';
import { ColorSchemeSwitch } from './color-scheme-switch.js';
import { Logo } from './logo.js';
import { NavigationLink } from './navigation-link.js';

export function Header() {
  return (
    <header className="header">
      <Link to="/decode" className="header-brand">
        <Logo />
        {texts.shell.name}
      </Link>
      <nav className="header-nav" aria-label={texts.shell.navigation}>
        {PAGES.map(({ link, title }) => (
          <NavigationLink key={link} to={link} title={title} />
        ))}
      </nav>
      <ColorSchemeSwitch />
    </header>
  );
}
