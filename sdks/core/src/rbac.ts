import type { Kernel } from './kernel.js';
import type { ProjectOf } from './project.js';
import { held, type Held } from './state.js';
import type { Policy } from './types/generated.js';

/** Whether one of the session's roles gives `action` on `resource`: the rule that the server applies, for showing and hiding. */
export const allows = (policy: Policy | null | undefined, now: Held | null, resource: string, action: string): boolean =>
  [...(policy?.roles ?? []), ...(now?.organization?.custom_roles ?? [])].some(
    ({ role_id, permissions }) =>
      now?.session.roles.includes(role_id) &&
      permissions.some(({ resource_id, actions }) => resource_id === resource && (actions.includes(action) || actions.includes('*'))),
  );

/** The client's questions about permissions. The synchronous one answers from what this browser knows already. */
export function rbac(kernel: Kernel, { about, aboutNow }: ProjectOf) {
  const isAuthorizedSync = (resource: string, action: string): boolean =>
    allows(aboutNow()?.rbac_policy, held(kernel.state), resource, action);
  return {
    isAuthorizedSync,
    isAuthorized: (resource: string, action: string): Promise<boolean> => about().then(() => isAuthorizedSync(resource, action)),
    async allPermissions(): Promise<Record<string, Record<string, boolean>>> {
      const resources = (await about()).rbac_policy?.resources ?? [];
      return Object.fromEntries(resources.map(({ resource_id: id, actions }) => [id, Object.fromEntries(actions.map((action) => [action, isAuthorizedSync(id, action)]))]));
    },
  };
}
