// Who works at the customers, and how a customer's provider looks from outside.

/** Everybody that the providers know; the login doubles as the NameID where a provider wants an opaque one. */
export const people = {
  ada: { first: 'Ada', last: 'Lovelace', email: 'ada@customer.test', groups: ['engineering', 'mathematics'] },
  grace: { first: 'Grace', last: 'Hopper', email: 'grace@customer.test', groups: ['navy'] },
  zoe: { first: 'Zoë', last: "O'Brien & Søn <🚀>", email: 'zoe@customer.test', groups: ['R&D "north"', 'engineering'] },
};

/** One password for all of them: the test is not about passwords. */
export const PASSWORD = 'correct horse';

export const fullName = (login) => `${people[login].first} ${people[login].last}`;

export const format = {
  email: 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress',
  persistent: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
  transient: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
  unspecified: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
};

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escape = (text) => String(text).replace(/[&<>"]/g, (character) => escapes[character]);

/** The login page of the providers that come without one. */
export function loginPage(product, action) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${product}</title><h1>${product}</h1>
<form method="post" action="${escape(action)}">
<input name="username" autofocus> <input name="password" type="password"> <button type="submit">Sign in</button>
</form></html>`;
}

/** Goes through a provider's login page, whichever of the three it is. */
export async function logIn(page, login, look = async () => {}) {
  await page.locator('input[name=username]').fill(login);
  await page.locator('input[name=password]').fill(PASSWORD);
  await look();
  await page.locator('button[type=submit], input[type=submit], #submit_button').first().click();
}
