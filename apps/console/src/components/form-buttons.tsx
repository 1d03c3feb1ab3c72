import { Button } from '@mantine/core';
import { useLocation } from 'wouter';
import { auth } from '../texts/auth.js';

/** Sends a form, or leaves it. @param back the page to go to instead */
export function FormButtons(props: { label: string; isRunning: boolean; back: string }) {
  const { label, isRunning, back } = props;
  const [, navigate] = useLocation();
  return (
    <div className="row">
      <Button type="submit" loading={isRunning}>
        {label}
      </Button>
      <Button variant="subtle" disabled={isRunning} onClick={() => navigate(back)}>
        {auth.confirm.cancel}
      </Button>
    </div>
  );
}
