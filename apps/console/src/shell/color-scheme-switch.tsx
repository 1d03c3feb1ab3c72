import { SegmentedControl, useMantineColorScheme, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { texts } from '../texts.js';
import { MoonIcon, ScreenIcon, SunIcon } from './icons.js';

const { scheme } = texts.shell;

const option = (value: 'light' | 'dark' | 'auto', icon: ReactNode) => ({
  value,
  label: (
    <span title={scheme[value]} className="scheme-option">
      {icon}
      <VisuallyHidden>{scheme[value]}</VisuallyHidden>
    </span>
  ),
});

const OPTIONS = [
  option('light', <SunIcon />),
  option('auto', <ScreenIcon />),
  option('dark', <MoonIcon />),
];

export function ColorSchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      aria-label={scheme.label}
      size="xs"
      radius="xl"
      withItemsBorders={false}
      data={OPTIONS}
      value={colorScheme}
      onChange={setColorScheme}
    />
  );
}
