// For a page in a frame: tells the page around it, which is of the one origin that may have it, what happens here. It hears one thing,
// whether it is to be light or dark.
const main = document.querySelector('main[data-embed]');
const around = main?.dataset.embed;
if (around && window.parent !== window) {
  const tell = (type, more) => window.parent.postMessage({ type: `vestibule.${type}`, ...more }, around);
  const [family, id, page] = location.pathname.split('/').slice(3);
  const { state, seconds } = main.dataset;

  const dark = [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => /prefers-color-scheme: dark/.test(rule.media?.mediaText));
  addEventListener('message', ({ source, origin, data }) => {
    if (source !== window.parent || origin !== around || data?.type !== 'vestibule.theme') return;
    const scheme = data.scheme === 'dark' ? 'dark' : 'light';
    document.documentElement.style.colorScheme = scheme;
    for (const rule of dark) rule.media.mediaText = scheme === 'dark' ? 'all' : 'not all';
  });

  tell('ready');
  if (seconds) {
    tell('step', { name: (family === 'connections' ? page : family) ?? 'overview' });
    if (page === 'test' && state !== 'none') tell('test', { status: state });
    if (page === 'enable' && state === 'active') tell('enabled', { connection_id: id });
    setTimeout(() => tell('session_expiring', { seconds: Math.min(120, seconds) }), Math.max(0, seconds - 120) * 1000);
    setTimeout(() => tell('session_ended'), seconds * 1000);
  } else if (state === 'ended') {
    tell('session_ended');
  }

  // Leaving means that the frame is not needed any more: nobody wants the application within itself.
  for (const link of document.querySelectorAll('a[data-leaves]')) {
    link.addEventListener('click', (event) => {
      event.preventDefault();
      tell('close');
    });
  }

  const below = parseFloat(getComputedStyle(document.body).paddingBottom);
  new ResizeObserver(() => tell('resize', { height: Math.ceil(main.offsetTop + main.offsetHeight + below) })).observe(main);
}
