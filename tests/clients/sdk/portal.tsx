// An application of a vendor that has the set-up portal within itself, by our component.
import { AdminPortalSSO, type AdminPortalEvent } from '@vestibule/react/b2b/adminPortal';
import { StrictMode, useState } from 'react';
import { createRoot } from 'react-dom/client';

const link = async () => (await fetch('/link')).text();
const kept: AdminPortalEvent[] = [];
Object.assign(globalThis, { events: kept });

function Settings() {
  const [scheme, setScheme] = useState<'light' | 'dark'>('light');
  const [isOpen, setOpen] = useState(true);
  function hear(event: AdminPortalEvent) {
    kept.push(event);
    if (event.type === 'close') setOpen(false);
  }
  return (
    <main>
      <h1>Settings</h1>
      <button id="dark" onClick={() => setScheme('dark')}>Dark</button>
      {isOpen ? <AdminPortalSSO setupLink={link} colorScheme={scheme} onEvent={hear} /> : <p id="closed">Done</p>}
    </main>
  );
}

createRoot(document.getElementById('root')!).render(<StrictMode><Settings /></StrictMode>);
