import { Notice } from '../lib/notice';
import { logIn } from './actions';

export default function SignIn({ searchParams }) {
  return (
    <main>
      <h1>Sign in</h1>
      <Notice searchParams={searchParams} />
      <form action={logIn}>
        <label>Work e-mail <input type="email" name="email" required autoFocus /></label>
        <button>Continue</button>
      </form>
    </main>
  );
}
