export function Logo() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true" className="logo">
      <rect width="32" height="32" rx="8" className="logo-ground" />
      <circle cx="12" cy="16" r="5" />
      <path d="M17 16h9v4m-4-4v3" />
    </svg>
  );
}
