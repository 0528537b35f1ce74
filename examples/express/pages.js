// The pages, as plain as can be. `html` escapes whatever is put into it, unless it is html itself.

class Markup {
  constructor(text) {
    this.text = text;
  }
}

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (value) => String(value ?? '').replace(/[&<>"']/g, (character) => entities[character]);
const shown = (value) => (Array.isArray(value) ? value.map(shown).join('') : value instanceof Markup ? value.text : escaped(value));

function html(strings, ...values) {
  return new Markup(strings.reduce((text, string, i) => text + shown(values[i - 1]) + string));
}

function page(title, body) {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>body { font: 16px/1.5 system-ui; max-width: 40rem; margin: 3rem auto; padding: 0 1rem } section { margin-bottom: 2.5rem } code { overflow-wrap: anywhere }</style>
<h1>${title}</h1>
${body}
</html>`.text;
}

/** What `?notice=` may name. A link chooses a sentence of ours; it must not bring one of its own. */
const notices = new Map([
  ['begin', 'Please begin here.'],
  ['sign-in', 'Please sign in.'],
  ['again', 'Please sign in again.'],
  ['second-factor', 'Your company asks for a second factor, which this example does not show.'],
  ['signed-out', 'You are signed out.'],
  ['unknown', 'We know no company sign-in for this address, or more than one.'],
  ['saved', 'Saved.'],
]);

const said = (sentence) => sentence && html`<p role="alert">${sentence}</p>`;

export const signIn = (notice) =>
  page('Sign in', html`
${said(notices.get(notice))}
<form method="post" action="/login">
<label>Work e-mail <input type="email" name="email" required autofocus></label>
<button>Continue</button>
</form>`);

export const account = (session, member, organization) =>
  page('Your account', html`
<p>Signed in as <strong>${member.email_address}</strong> of ${organization.organization_name}.</p>
<p>Roles: ${session.roles.join(', ')}</p>
<p><a href="/admin/connections">Company sign-in</a></p>
<form method="post" action="/logout"><button>Sign out</button></form>`);

const connection = (one) => html`
<section aria-label="${one.display_name}">
<h2>${one.display_name}: ${one.status}</h2>
<p>Paste this as redirect URL into your identity provider: <code>${one.redirect_url}</code></p>
<form method="post" action="/admin/connections/${one.connection_id}">
<p><label>Issuer <input name="issuer" value="${one.issuer}" required></label></p>
<p><label>Client id <input name="client_id" value="${one.client_id}" required></label></p>
<p><label>Client secret <input name="client_secret" type="password" autocomplete="off" required></label></p>
<button>Save</button>
</form>
</section>`;

export const connections = (list, notice, warning) =>
  page('Company sign-in', html`
${said(notices.get(notice))}
${said(warning)}
${list.map(connection)}
<form method="post" action="/admin/connections">
<label>New connection <input name="display_name" value="Okta" required></label>
<button>Create</button>
</form>
<p><a href="/account">Back</a></p>`);

export const refused = (sentence) => page('That did not work', html`${said(sentence)}<p><a href="/">Start again</a></p>`);
