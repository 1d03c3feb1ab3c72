export const shell = {
  name: 'Latchkey',
  navigation: 'Pages',
  skip: 'Skip to the content',
  title: (page: string) => `${page} · Latchkey`,
  pages: { decode: 'Decode', live: 'Live', account: 'Account', admin: 'Admin' },
  scheme: { label: 'Colour scheme', light: 'Light', dark: 'Dark', auto: 'As the system' },
  visible: {
    escape: 'A character that cannot be seen, shown as an escape',
    more: (characters: number) => `… ${characters.toLocaleString('en')} more characters`,
  },
  loading: 'Loading the page. It appears as soon as the server of the console answers.',
  notFound: {
    title: 'There is no such page',
    text: 'The address leads nowhere. It may be from another version of the console.',
    back: 'Go to the decoder',
  },
  failure: {
    title: 'This page has failed',
    text: 'Nothing has been sent anywhere. Load the page again; if it fails again, report the message below.',
    reload: 'Load the page again',
  },
} as const;
