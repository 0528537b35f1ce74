import type { Kernel } from './kernel.js';
import type { ProjectOf } from './project.js';
import { redeem } from './redemption.js';
import { type Flow, plan, type Row } from './row.js';
import { held } from './state.js';
import type { Member, Organization } from './types/generated.js';

type Bag = Record<string, unknown>;

/** One call of a row of the table, with what it takes along and what it changes here. */
export async function call<A extends unknown[], R>(kernel: Kernel, project: ProjectOf, row: Row<A, R>, args: A): Promise<R> {
  const { method, path, body, words } = plan(row, args);
  const token = Object.entries(args[0] ?? {}).find(([name]) => name.endsWith('_token'));

  async function send(pkce_code_verifier?: string): Promise<unknown> {
    const all: Bag = { ...body, pkce_code_verifier };
    // Mail is often read in another browser, where the verifier is not: here the project decides.
    if (words['for'] && (await project.about())['pkce_required_for_email_magic_links']) {
      all['pkce_code_challenge'] = await kernel.begun.begin(words['for'] as Flow);
    }
    if ('ist' in words) all['intermediate_session_token'] = kernel.intermediate();
    if ('auth' in words) return kernel.complete(path, all);
    const data = (await kernel.ask(method, path, body && all)) as Bag;
    // Whoever chooses an organization anew is in none until they have.
    if ('found' in words) kernel.take(data as never);
    const own = held(kernel.state)?.session.member_id;
    if ('gone' in words && (args[0] ?? own) === own) kernel.forget('revoked', true);
    const { member, organization } = data as { member?: Member; organization?: Organization };
    if ('me' in words) kernel.amend({ member });
    if ('org' in words) kernel.amend({ organization });
    return data;
  }

  const data = await (words['via'] && token ? redeem(kernel, token[1], words['via'] as Flow, send) : send());
  return (words['pick'] ? (data as Bag)[words['pick']] : data) as R;
}
