import { logIn } from './actions';

export default async function SignIn({ searchParams }) {
  const { notice } = await searchParams;
  return (
    <main>
      <h1>Sign in</h1>
      {notice && <p role="alert">{notice}</p>}
      <form action={logIn}>
        <label>Work e-mail <input type="email" name="email" required autoFocus /></label>
        <button>Continue</button>
      </form>
    </main>
  );
}
