// Runs before the first paint, so that a dark page does not flash white. It is a file because the
// Content-Security-Policy forbids inline scripts. The key is the one that Mantine uses.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // A browser that blocks storage gets the scheme of its system.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
