// Keys that live as long as one test run.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A fresh RSA key and a certificate that it signed itself, both as PEM. */
export function selfSigned(commonName, { days = 30 } = {}) {
  const directory = mkdtempSync(path.join(tmpdir(), 'vestibule-keys-'));
  const [key, certificate] = ['key.pem', 'certificate.pem'].map((name) => path.join(directory, name));
  try {
    execFileSync(
      'openssl',
      [
        'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-days', String(days),
        '-subj', `/CN=${commonName}`, '-keyout', key, '-out', certificate,
      ],
      { stdio: 'pipe' },
    );
    return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** An RSA key in the only form that a connection takes: PKCS#1 PEM. */
export function pkcs1Key(bits = 2048) {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  return privateKey.export({ type: 'pkcs1', format: 'pem' });
}

/** What to replace in the text of a service provider's metadata so that it has a key that is not its own. */
export function otherKey(sp) {
  const bare = (certificate) => certificate.replace(/-----[^-]+-----|\s/g, '');
  return [bare(sp.signingCertificate), bare(selfSigned('somebody else').certificate)];
}

/** The bare base64 of metadata as PEM. */
export function pem(base64) {
  const lines = base64.replace(/\s+/g, '').match(/.{1,64}/g);
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
