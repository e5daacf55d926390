import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { waitFor } from './wait-for';

/** Debian's nginx (package `nginx-light`); undefined where it is not installed. */
export const NGINX = ['/usr/sbin/nginx', '/usr/bin/nginx', '/usr/local/sbin/nginx'].find((file) => existsSync(file));

/** A real nginx in front of a Unix socket, on a port of its own, in one process. */
export class Nginx {
  private constructor(
    readonly port: number,
    private readonly directory: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(program: string, upstream: string, maxBodyBytes: number): Promise<Nginx> {
    const directory = mkdtempSync(path.join(tmpdir(), 'toru-nginx-'));
    const port = await freePort();
    const file = path.join(directory, 'nginx.conf');
    writeFileSync(file, configuration(directory, port, upstream, maxBodyBytes));
    const child = spawn(program, ['-p', directory, '-c', file, '-e', 'stderr'], { stdio: 'ignore' });
    const nginx = new Nginx(port, directory, child);
    await waitFor('nginx to listen', () => accepts(port));
    return nginx;
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    if (this.child.exitCode === null && this.child.kill('SIGTERM')) await ended;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** As one sets it up in front of an application: what is odd is judged by nginx's own defaults. */
function configuration(directory: string, port: number, upstream: string, maxBodyBytes: number): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  return `${user}
daemon off; master_process off; pid ${directory}/pid; error_log /dev/null crit;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi; uwsgi_temp_path ${directory}/uwsgi; scgi_temp_path ${directory}/scgi;
  client_max_body_size ${maxBodyBytes};
  lingering_timeout 1s;
  upstream plugin { server unix:${upstream}; keepalive 4; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://plugin;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Connection "";
      proxy_request_buffering off;
    }
  }
}
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
}
