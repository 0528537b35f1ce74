// Comfort: everything here has another way without it. Values are copied by a button, and a page that waits for something looks
// again by itself while somebody looks at it.
const told = document.getElementById('told');

for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    const field = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      field.select();
      return;
    }
    told.textContent = button.dataset.told;
    button.textContent = button.dataset.told;
  });
}

for (const field of document.querySelectorAll('input[readonly]')) {
  field.addEventListener('focus', () => field.select());
}

const verdict = document.querySelector('[data-verdict]');
if (verdict) {
  // Another test that ends like the one before is news all the same.
  const state = (page) => page.querySelector('main').dataset.state + page.querySelector('[data-verdict]')?.dataset.verdict;
  const seen = state(document);
  const lookAgain = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    if (state(page) !== seen) location.reload();
  };
  let timer;
  const wait = () => {
    timer ??= setInterval(lookAgain, 3000);
  };
  if (verdict.hasAttribute('data-waits')) wait();
  document.querySelector('[data-begins]')?.addEventListener('click', wait);
}
