/** The texts of the administration. Its pages import them, so that the first load does not contain them. */
export const admin = {
  title: 'Administration',
  lead: 'Users, clients, signing keys and what was done with them.',
} as const;
