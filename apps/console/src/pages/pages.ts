import { lazy, type ComponentType } from 'react';
import { loadPage } from './load-page.js';
import { texts } from '../texts.js';
import { DecodePage } from './decode/decode-page.js';

/** A page of the console. */
export interface ConsolePage {
  /** The pattern of its hash routes, as wouter reads it. */
  readonly path: string;
  /** The address that the navigation leads to. */
  readonly link: string;
  readonly title: string;
  readonly Page: ComponentType;
}

/** All pages, in the order of the navigation. Those that the first load does not need are lazy. */
export const PAGES: readonly ConsolePage[] = [
  { path: '/decode', link: '/decode', title: texts.shell.pages.decode, Page: DecodePage },
  {
    path: '/live',
    link: '/live',
    title: texts.shell.pages.live,
    Page: lazy(() => loadPage(() => import('./live/live-page.js'))),
  },
  {
    path: '/account',
    link: '/account',
    title: texts.shell.pages.account,
    Page: lazy(() => loadPage(() => import('./account/account-page.js'))),
  },
  {
    path: '/admin/*?',
    link: '/admin',
    title: texts.shell.pages.admin,
    Page: lazy(() => loadPage(() => import('./admin/admin-page.js'))),
  },
];
