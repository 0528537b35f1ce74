// Second factors of a member who has signed in.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

import { signIn } from '../../support/walk.mjs';
import { codeIn, newest } from '../outbox.mjs';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an authenticator application shows (RFC 6238), so many steps from now. */
export function shown(secret, steps = 0) {
  const bits = [...secret.replace(/=+$/, '')].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}

/** A member with a session of their own. */
async function signedIn({ ok, kept, server }, email) {
  const { token } = await signIn(server, { connection_id: kept.connection_id }, { email });
  const { member_id, session_token } = await ok('sso.authenticate', { sso_token: token });
  return { who: { organization_id: kept.organization_id, member_id }, session: { session_token } };
}

export async function applications(stage) {
  const { ok, refused, kept, tag } = stage;
  const { who, session } = await signedIn(stage, `alan@${tag}.example`);
  const made = await ok('totps.create', { ...who, ...session });
  assert.ok(made.qr_code.length > 100 && made.totp_registration_id);
  await refused(404, 'session_not_found', 'totps.create', { ...who, session_token: `nothing-${tag}` });

  const code = shown(made.secret);
  const answer = await ok('totps.authenticate', { ...who, ...session, code });
  const factors = answer.member_session.authentication_factors.map((factor) => factor.type);
  assert.deepEqual(factors.toSorted(), ['sso', 'totp']);
  await refused(400, 'totp_code_already_authenticated', 'totps.authenticate', { ...who, ...session, code });

  const { recovery_codes } = await ok('recovery_codes.get', who);
  assert.deepEqual(recovery_codes, made.recovery_codes);
  const admin = { organization_id: who.organization_id, member_id: kept.admin.member_id };
  await refused(404, 'recovery_codes_not_found', 'recovery_codes.get', admin);
  const rotated = await ok('recovery_codes.rotate', who);
  assert.equal(rotated.recovery_codes.length, recovery_codes.length);
  await refused(404, 'recovery_codes_not_found', 'recovery_codes.rotate', admin);

  const used = { ...who, ...session, recovery_code: rotated.recovery_codes[0] };
  const recovered = await ok('recovery_codes.recover', used);
  assert.equal(recovered.recovery_codes_remaining, recovery_codes.length - 1);
  await refused(401, 'unable_to_authenticate_recovery_code', 'recovery_codes.recover', used);

  const without = await ok('organizations.members.delete_totp', who);
  assert.equal(without.member.totp_registration_id, '');
  await refused(404, 'totp_not_found', 'organizations.members.delete_totp', who);

  const brought = { ...who, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', recovery_codes: ['abcd-efgh-ijkl'] };
  const migrated = await ok('totps.migrate', brought);
  assert.ok(migrated.totp_registration_id);
  await refused(400, 'active_totp_exists', 'totps.migrate', brought);
}

export async function textMessages(stage) {
  const { ok, refused, kept, server, tag } = stage;
  const { who, session } = await signedIn(stage, `mary@${tag}.example`);
  const mfa_phone_number = `+1555${String(tag.length * 1_000_003 + tag.charCodeAt(0)).padStart(7, '0').slice(-7)}`;
  await ok('otps.sms.send', { ...who, ...session, mfa_phone_number });
  await refused(400, 'invalid_phone_number', 'otps.sms.send', { ...who, ...session, mfa_phone_number: '12' });

  const code = codeIn(await newest(server, mfa_phone_number));
  const wrong = code === '000000' ? '111111' : '000000';
  await refused(404, 'otp_code_not_found', 'otps.sms.authenticate', { ...who, ...session, code: wrong });
  const answer = await ok('otps.sms.authenticate', { ...who, ...session, code });
  const [, factor] = answer.member_session.authentication_factors;
  assert.deepEqual([factor.type, factor.delivery_method], ['otp', 'sms']);
  assert.equal(answer.member.mfa_phone_number_verified, true);
  kept.texted = who;
}

export async function withoutNumber({ ok, refused, kept }) {
  const who = kept.texted;
  const without = await ok('organizations.members.delete_mfa_phone_number', who);
  assert.equal(without.member.mfa_phone_number, '');
  const nobody = { ...who, member_id: 'member-test-00000000-0000-4000-8000-000000000000' };
  await refused(404, 'member_not_found', 'organizations.members.delete_mfa_phone_number', nobody);
}
