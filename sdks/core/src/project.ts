import type { Kernel } from './kernel.js';
import { parsed } from './state.js';
import type { Policy } from './types/generated.js';

/** What the server says of the project, as far as the client uses it. */
export interface Project {
  rbac_policy: Policy | null;
  [more: string]: unknown;
}

/** What is known of the project: asked once a page, and again only after it could not be asked. */
export function projectOf(kernel: Kernel) {
  const { ports, prefix, publicToken } = kernel;
  const key = `${prefix}::project`;
  let asked: Promise<Project> | undefined;
  let known: Project | null = null;
  /** As the server says. */
  const about = (): Promise<Project> =>
    (asked ??= kernel.ask('GET', `/projects/bootstrap/${publicToken}`).then(
      (data) => {
        known = data as Project;
        ports.store.set(key, JSON.stringify(known));
        kernel.tell();
        return known;
      },
      (error: unknown) => {
        asked = undefined;
        throw error;
      },
    ));

  return {
    about,
    /** As this browser knows it; the server is asked, and what it says is told to whoever listens. */
    aboutNow(): Project | null {
      if (!asked) about().catch(() => {});
      return (known ??= parsed<Project>(ports.store.get(key)));
    },
  };
}
export type ProjectOf = ReturnType<typeof projectOf>;
