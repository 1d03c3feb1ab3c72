// A page behind the same origin as auth and the orders service. Open it in two tabs, and log out in one.
import { createSession, SessionError } from '@latchkey/browser';

const [status, form, main, list] = ['[role=status]', 'form', 'main', 'pre'].map((selector) =>
  document.querySelector(selector),
);

const session = createSession({ authUrl: '/', onChange: show });

function show(state) {
  // Another user may have logged in, in another tab: what is on the page belongs to the user before.
  list.textContent = '';
  status.textContent = state.status === 'logged-in' ? `Logged in as ${state.userId}` : 'Logged out';
  form.hidden = state.status === 'logged-in';
  main.hidden = !form.hidden;
}

/** Runs what a button does, and says why it failed. */
async function attempt(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    status.textContent = error.code;
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const { username, password } = Object.fromEntries(new FormData(form));
  form.reset();
  void attempt(() => session.logIn(username, password));
});

document.querySelector('#show').addEventListener('click', () =>
  attempt(async () => {
    const response = await session.fetch('/orders');
    list.textContent = `${response.status} ${await response.text()}`;
  }),
);

document.querySelector('#log-out').addEventListener('click', () => attempt(() => session.logOut()));
