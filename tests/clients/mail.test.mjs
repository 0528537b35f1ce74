// Mail through a real mail server on its good and its bad days, by one node and by two.
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import stytch from 'stytch';
import { openPostbox } from './support/postbox.mjs';
import { engines, startServer, startServing } from './support/server.mjs';

const APP = 'http://localhost:3000/authenticate';

/** A project on a server, with an organization that lets in everybody of acme.test, and the official client. */
async function project(server) {
  const made = JSON.parse(server.command('project', 'create', 'Acme Software', '--environment', 'test', '--json'));
  const id = made.project_id;
  for (const kind of ['login', 'signup', 'invite', 'discovery']) {
    server.command('redirect-url', 'add', id, APP, '--kind', kind, '--default');
  }
  const client = new stytch.B2BClient({ project_id: id, secret: made.secret, env: `${server.baseUrl}/` });
  const { organization } = await client.organizations.create({
    organization_name: 'Acme',
    email_jit_provisioning: 'RESTRICTED',
    email_allowed_domains: ['acme.test'],
  });
  return { client, organization_id: organization.organization_id };
}

/** What a mail carries: the token of its link. */
function tokenOf(mail) {
  const link = new URL(mail.text.split(/\r?\n/).find((line) => line.startsWith('http')));
  assert.ok(mail.html.includes(link.toString().replaceAll('&', '&#38;')), mail.html);
  return link.searchParams.get('token');
}

function codeOf(mail) {
  return mail.text.split(/\r?\n/).find((line) => /^\d{6}$/.test(line));
}

for (const engine of engines()) {
  describe(`mail on ${engine}`, () => {
    let postbox;
    let server;
    let at;

    before(async () => {
      postbox = await openPostbox({ tls: true });
      server = await startServing(postbox.settings, { engine });
      at = await project(server);
    });
    after(async () => {
      await server?.stop();
      await postbox?.stop();
    });

    const send = (email_address) => at.client.magicLinks.email.loginOrSignup({ organization_id: at.organization_id, email_address });

    test('a link arrives over TLS and signs its reader in', async () => {
      await send('ada@acme.test');
      const [mail] = await postbox.waitFor('ada@acme.test', 1);
      assert.deepEqual([mail.tls, mail.user, mail.from], [true, 'vestibule', 'no-reply@acme.example']);
      assert.match(mail.message_id, /^<outbox-message-test-[0-9a-f-]{36}@acme\.example>$/);
      const session = await at.client.magicLinks.authenticate({ magic_links_token: tokenOf(mail) });
      assert.equal(session.member.email_address_verified, true);
      assert.match(server.command('doctor'), /^ok +mail +\[mail server .* takes mail/m);
    });

    test('a code arrives, and discovery', async () => {
      await at.client.otps.email.loginOrSignup({ organization_id: at.organization_id, email_address: 'joan@acme.test' });
      const [mail] = await postbox.waitFor('joan@acme.test', 1);
      const asked = { organization_id: at.organization_id, email_address: 'joan@acme.test', code: codeOf(mail) };
      assert.equal((await at.client.otps.email.authenticate(asked)).member.status, 'active');
      await at.client.magicLinks.email.discovery.send({ email_address: 'joan@acme.test', locale: 'fr' });
      const [, second] = await postbox.waitFor('joan@acme.test', 2);
      assert.equal(second.subject, 'Se connecter à Acme Software');
      const found = await at.client.magicLinks.discovery.authenticate({ discovery_magic_links_token: tokenOf(second) });
      assert.equal(found.discovered_organizations[0].organization.organization_id, at.organization_id);
    });

    test('a server that fails half-way, is slow, refuses one or wants to be asked again loses nothing', async () => {
      const names = ['half', 'slow', 'refused', 'grey', 'good'];
      for (const name of names) await send(`${name}@acme.test`);
      await postbox.waitFor('good@acme.test', 1);
      const [first, second] = await postbox.waitFor('half@acme.test', 2);
      assert.equal(first.message_id, second.message_id, 'known again by its id');
      assert.equal(first.text, second.text);
      assert.equal((await postbox.waitFor('grey@acme.test', 1)).length, 1);
      assert.equal((await postbox.waitFor('slow@acme.test', 1)).length, 1);
      await at.client.magicLinks.authenticate({ magic_links_token: tokenOf(second) });

      const dead = JSON.parse(server.command('outbox', 'list', '--state', 'dead', '--recipients', '--json'));
      assert.deepEqual(dead.map(({ to, reason }) => `${to} ${reason}`), ['refused@acme.test recipient_refused 550']);
      assert.match(server.command('outbox', 'retry', '--all'), /is tried again/);
      assert.match(server.command('outbox', 'drop', dead[0].message_id), /is forgotten/);
      assert.equal(postbox.mails('half@acme.test').length, 2);
      // Neither address nor link nor code is in what the server wrote.
      for (const hidden of ['@acme.test', tokenOf(first)]) assert.ok(!server.output().includes(hidden), hidden);
    });

    test('what was asked for while the mail server is away arrives when it is back', async () => {
      const away = await startServing({ ...postbox.settings, mail_port: '1' }, { engine });
      try {
        const there = await project(away);
        await there.client.magicLinks.email.loginOrSignup({ organization_id: there.organization_id, email_address: 'late@acme.test' });
        await sleep(2500);
        const [waiting] = JSON.parse(away.command('outbox', 'list', '--json'));
        assert.equal(`${waiting.state} ${waiting.reason}`, 'waiting server_unreachable');
        await away.end('SIGKILL');
        const back = await startServing(postbox.settings, { beside: away });
        try {
          assert.equal((await postbox.waitFor('late@acme.test', 1)).length, 1);
        } finally {
          await back.stop();
        }
      } finally {
        await away.stop();
      }
    });

    if (engine === 'postgres') {
      test('two nodes deliver each message once', async () => {
        const second = await startServing(postbox.settings, { beside: server });
        try {
          const names = Array.from({ length: 60 }, (_, number) => `member-${number}@acme.test`);
          await Promise.all(names.map(send));
          for (const name of names) await postbox.waitFor(name, 1);
          await sleep(1500);
          for (const name of names) assert.equal(postbox.mails(name).length, 1, name);
        } finally {
          await second.stop();
        }
      });
    }
  });
}

describe('mail that nobody sends', () => {
  test('a server without a mail server says so', async () => {
    const server = await startServing();
    try {
      const at = await project(server);
      const asked = { organization_id: at.organization_id, email_address: 'ada@acme.test' };
      await assert.rejects(at.client.magicLinks.email.loginOrSignup(asked), { error_type: 'email_delivery_not_configured' });
    } finally {
      await server.stop();
    }
  });

  test('a developer reads it on a page and as text', async () => {
    const server = await startServer({ redirectUrl: null });
    try {
      const client = new stytch.B2BClient({ project_id: server.projectId, secret: server.secret, env: `${server.baseUrl}/` });
      const { organization } = await client.organizations.create({ organization_name: 'Acme' });
      const organization_id = organization.organization_id;
      for (const email_address of ['ada@acme.test', 'grace@acme.test']) {
        await client.organizations.members.create({ organization_id, email_address });
        await client.magicLinks.email.loginOrSignup({ organization_id, email_address });
      }
      await client.otps.email.loginOrSignup({ organization_id, email_address: 'ada@acme.test' });
      const text = await (await fetch(`${server.outboxUrl}?to=ada@acme.test`)).text();
      assert.ok(!text.includes('grace'), text);
      const code = text.match(/^\d{6}$/m)[0];
      assert.ok(text.indexOf('token=') < text.indexOf(code), 'the newest is the last');
      const session = await client.otps.email.authenticate({ organization_id, email_address: 'ada@acme.test', code });
      assert.equal(session.member_authenticated, true);
      const page = await (await fetch(server.outboxUrl.replace('.txt', ''))).text();
      for (const shown of ['grace@acme.test', 'ada@acme.test', code]) assert.ok(page.includes(shown), shown);
      // A stranger's page in the developer's browser can have its name lead here. It does not read what lets somebody in.
      const { hostname, port, pathname } = new URL(server.outboxUrl);
      const asStranger = await new Promise((answered) => {
        get({ hostname, port, path: pathname, headers: { host: `stranger.example:${port}` } }, answered);
      });
      asStranger.resume();
      assert.equal(asStranger.statusCode, 421);
      // The sample application takes whoever follows a link of discovery in: the first into an organization of their own.
      for (const made of [true, false]) {
        await client.magicLinks.email.discovery.send({ email_address: 'founder@newco.test' });
        const found = await (await fetch(`${server.outboxUrl}?to=founder@newco.test`)).text();
        const came = await fetch(found.match(/^http\S+/gm).at(-1), { redirect: 'manual' });
        assert.deepEqual([came.status, came.headers.get('location')], [303, '/sample/account'], `${made}`);
      }
      const query = { operator: 'AND', operands: [{ filter_name: 'member_emails', filter_value: ['founder@newco.test'] }] };
      assert.equal((await client.organizations.search({ query })).results_metadata.total, 1);
    } finally {
      await server.stop();
    }
  });
});
