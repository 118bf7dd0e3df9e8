import { Worker } from 'node:worker_threads';

/** A small web server in a thread of its own, so that it answers while a test waits for a program. */
export async function startServer(): Promise<{ readonly port: number; stop(): Promise<number> }> {
  const worker = new Worker(SERVER, { eval: true });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  return { port, stop: () => worker.terminate() };
}

const SERVER = `
const { createServer } = require('node:http');
const { parentPort } = require('node:worker_threads');
let asked = 0;
const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString();
    const { pathname } = new URL(request.url, 'http://x');
    const json = (value, headers = {}) => {
      const text = JSON.stringify(value);
      response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(text), ...headers });
      response.end(request.method === 'HEAD' ? undefined : text);
    };
    if (pathname === '/echo') json({ method: request.method, headers: request.headers, body }, { 'Set-Cookie': ['a=1; Path=/', 'b="two"'], 'X-Own': 'yes' });
    else if (pathname === '/moved') response.writeHead(302, { Location: '/echo' }).end();
    else if (pathname === '/locked') {
      if (request.headers.authorization === 'Basic ' + Buffer.from('me:s"e\\\\c ret').toString('base64')) json({ in: true });
      else response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end('no');
    } else if (pathname === '/file') response.end('hello');
    else if (pathname === '/sums') response.end('0000  other\\n2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 *./file\\n');
    else if (pathname === '/flaky') { asked++; if (asked < 3) request.socket.destroy(); else json({ asked }); }
    else response.writeHead(404, { 'Content-Type': 'text/plain' }).end('nothing here');
  });
});
server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
