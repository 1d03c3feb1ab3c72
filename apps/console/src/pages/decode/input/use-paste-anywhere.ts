import { useEffect } from 'react';

/** Takes what is pasted while no field has the focus. */
export function usePasteAnywhere(onPaste: (text: string) => void): void {
  useEffect(() => {
    const paste = (event: ClipboardEvent) => {
      const { target, clipboardData } = event;
      if (target instanceof Element && target.closest('input, textarea, select')) return;
      const text = clipboardData?.getData('text') ?? '';
      if (text !== '') onPaste(text);
    };
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, [onPaste]);
}
