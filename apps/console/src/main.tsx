// First, so that the styles of a component are followed by those of its users.
import './styles/index.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.js';
import { followControlAddress } from './control/control-address.js';
import { ErrorBoundary } from './shell/error-boundary.js';

followControlAddress();

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root');

// The Content-Security-Policy forbids <style> elements, so that the variables and classes that Mantine would insert
// are in the style sheets instead.
createRoot(root).render(
  <StrictMode>
    <ErrorBoundary>
      <MantineProvider
        defaultColorScheme="auto"
        theme={{ primaryColor: 'indigo', defaultRadius: 'md', respectReducedMotion: true }}
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <App />
      </MantineProvider>
    </ErrorBoundary>
  </StrictMode>,
);
