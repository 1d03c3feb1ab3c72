import { Button, Modal } from '@mantine/core';
import { useRef, useState, type ReactNode, type RefObject } from 'react';
import { VisibleText } from '../text/visible-text.js';
import { auth } from '../texts/auth.js';
import { useAct } from '../auth/use-act.js';
import { ProblemNote } from './problem.js';

const { confirm: words } = auth;

/** Something that cannot be undone, which is asked for once. */
export interface Question {
  readonly title: string;
  /** What will happen, in plain words, with the name of the object. */
  readonly text: string;
  /** The label of the button that does it. */
  readonly label: string;
  /** Resolves when it is done and the lists are up to date. */
  readonly act: () => Promise<void>;
}

export interface Confirm {
  readonly ask: (question: Question) => void;
  readonly element: ReactNode;
}

/**
 * A dialog that asks before an act, shows why it failed, and gives the focus back.
 *
 * @param fallback gets the focus if the button that opened the dialog is gone
 */
export function useConfirm(fallback: RefObject<HTMLElement | null>): Confirm {
  const [question, setQuestion] = useState<Question>();
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<Element>(null);
  const { isRunning, error, run, forget } = useAct();

  const ask = (next: Question) => {
    opener.current = document.activeElement;
    forget();
    setQuestion(next);
    setOpen(true);
  };
  const close = () => setOpen(false);
  const giveFocusBack = () => {
    const target = opener.current?.isConnected === true ? opener.current : fallback.current;
    if (target instanceof HTMLElement) target.focus();
  };
  const answer = async () => {
    if (question && (await run(question.act))) close();
  };

  const element = (
    <Modal
      opened={isOpen}
      onClose={close}
      title={question?.title}
      centered
      // The lock inserts a <style> element, which the Content-Security-Policy forbids.
      lockScroll={false}
      returnFocus={false}
      onExitTransitionEnd={giveFocusBack}
      closeOnEscape={!isRunning}
      closeOnClickOutside={false}
      withCloseButton={false}
      classNames={{ content: 'dialog', header: 'dialog-head', title: 'dialog-title' }}
    >
      <div className="dialog-text">{question && <VisibleText text={question.text} />}</div>
      <ProblemNote error={error} />
      <div className="dialog-buttons">
        <Button variant="default" onClick={close} disabled={isRunning} data-autofocus>
          {words.cancel}
        </Button>
        <Button color="red.9" onClick={() => void answer()} loading={isRunning}>
          {question?.label}
        </Button>
      </div>
    </Modal>
  );
  return { ask, element };
}
