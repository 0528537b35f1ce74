// The backend API without a client library, for what the libraries cannot send.
import http from 'node:http';

/**
 * One request, with the project's credentials unless `authorization` says otherwise.
 *
 * Unlike `fetch` it can send a body with GET, as one of the official clients does.
 */
export function call(server, method, path, { body, authorization, headers = {} } = {}) {
  const basic = `Basic ${Buffer.from(`${server.projectId}:${server.secret}`).toString('base64')}`;
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(
      new URL(server.baseUrl),
      {
        method,
        path,
        headers: {
          authorization: authorization ?? basic,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(payload ?? ''),
          ...headers,
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => {
          let json = null;
          try {
            json = JSON.parse(text);
          } catch {
            // The caller asserts on the body and shows the text.
          }
          resolve({ status: response.statusCode, headers: response.headers, text, body: json });
        });
      },
    );
    request.once('error', reject);
    request.end(payload);
  });
}
