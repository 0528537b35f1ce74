export const metadata = { title: 'Company sign-in' };

const style = 'body { font: 16px/1.5 system-ui; max-width: 40rem; margin: 3rem auto; padding: 0 1rem } section { margin-bottom: 2.5rem } code { overflow-wrap: anywhere }';

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <style>{style}</style>
        {children}
      </body>
    </html>
  );
}
