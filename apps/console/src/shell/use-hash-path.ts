import type { BaseLocationHook } from 'wouter';
import { useHashLocation } from 'wouter/use-hash-location';

/** The path in the hash. Parameters may follow it (`#/live?control=…`), and belong to the page. */
export const useHashPath: BaseLocationHook = () => {
  const [location, navigate] = useHashLocation();
  const [path = '/'] = location.split('?');
  return [path, navigate];
};
useHashPath.hrefs = (path) => `#${path}`;
