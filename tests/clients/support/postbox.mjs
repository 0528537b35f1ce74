// The mail server of `postbox.py` for one suite.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The Python that `scripts/test` has made, or one that is named. */
function python() {
  const found = process.env.VESTIBULE_PYTHON ?? path.join(here, '../.venv/bin/python');
  if (!existsSync(found)) throw new Error(`there is no ${found}: scripts/test clients makes it, or set VESTIBULE_PYTHON`);
  return found;
}

/** A certificate for 127.0.0.1 that nobody else trusts. */
function certificate(directory) {
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => path.join(directory, name));
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=mail.test', '-addext', 'subjectAltName=IP:127.0.0.1',
    '-addext', 'basicConstraints=critical,CA:FALSE', '-out', cert, '-keyout', key,
  ], { stdio: 'pipe' });
  return { cert, key };
}

/**
 * Starts the mail server; `tls` makes it ask for STARTTLS and for who is there.
 *
 * Answers the settings by which a server sends through it, `mails(recipient)` with what it took, and `stop()`.
 */
export async function openPostbox({ tls = false } = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'vestibule-postbox-'));
  const own = tls ? certificate(directory) : null;
  const child = spawn(python(), [path.join(here, 'postbox.py'), ...(own ? [own.cert, own.key] : [])], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = readline.createInterface({ input: child.stdout });
  const taken = [];
  const port = await new Promise((resolve, reject) => {
    lines.once('line', (line) => {
      resolve(Number(line));
      lines.on('line', (mail) => taken.push(JSON.parse(mail)));
    });
    child.once('exit', (code) => reject(new Error(`the mail server ended with ${code}`)));
  });
  const mails = (recipient) => taken.filter((mail) => mail.to === recipient);
  return {
    settings: {
      mail_host: '127.0.0.1',
      mail_port: String(port),
      mail_from: 'Acme <no-reply@acme.example>',
      mail_timeout_seconds: '3',
      ...(own
        ? { mail_tls: 'starttls', mail_ca_file: own.cert, mail_username: 'vestibule', mail_password: 'open sesame' }
        : { mail_tls: 'none' }),
    },
    mails,
    /** Waits until somebody has so many. */
    async waitFor(recipient, count, seconds = 30) {
      for (const deadline = Date.now() + seconds * 1000; mails(recipient).length < count; await sleep(50)) {
        if (Date.now() > deadline) throw new Error(`${recipient} has ${mails(recipient).length} of ${count} mails`);
      }
      return mails(recipient);
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.stdin.end();
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
