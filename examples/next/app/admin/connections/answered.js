'use client';
import { useActionState } from 'react';

/** A form that shows what its action answers. */
export function Answered({ action, children }) {
  const [answer, submit] = useActionState(action, '');
  return (
    <form action={submit}>
      {answer && <p role="alert">{answer}</p>}
      {children}
    </form>
  );
}
