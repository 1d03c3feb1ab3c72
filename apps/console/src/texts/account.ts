/** The texts of the account page. The page imports them itself, so that the first load does not contain them. */
export const account = {
  title: 'Account',
  lead: 'Your sessions and your password. What you end here ends at every service.',
} as const;
