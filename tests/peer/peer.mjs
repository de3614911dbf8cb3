// A small server made with Fedify, for the black-box suites: people with keys, an inbox, and an API of its own by which a
// test tells these people what to do and reads what reached them.
//
//   node peer.mjs PORT [both|rfc9421|draft-cavage]
//
// The second argument is the one signature scheme that this server speaks and understands. It listens on 127.0.0.1 and
// is known as http://localhost:PORT. Nothing is kept on disk.

import { createServer } from "node:http";

import { Acts } from "./acts.mjs";
import { makeFederation } from "./federation.mjs";
import { Schemes } from "./schemes.mjs";
import { World } from "./world.mjs";

const port = Number(process.argv[2]);
const schemes = new Schemes(process.argv[3] ?? "both");
const world = new World(`http://localhost:${port}`);
schemes.guardOutgoing(world);
const federation = makeFederation(world, schemes.first);
const acts = new Acts(world, federation);

async function bodyOf(incoming) {
  const parts = [];
  for await (const part of incoming) parts.push(part);
  return Buffer.concat(parts);
}

/** What the test asked for by `POST /control/ACT` or `GET /control/LIST`. */
async function control(method, name, body) {
  if (method === "GET") {
    const list = { received: world.received, requests: world.requests, sent: world.sent }[name];
    if (list == null) return [404, { error: `no list ${name}` }];
    return [200, list];
  }
  if (!acts.has(name)) return [404, { error: `no act ${name}` }];
  try {
    return [200, (await acts.run(name, JSON.parse(body.toString() || "{}"))) ?? {}];
  } catch (error) {
    return [502, { error: String(error), stack: error?.stack ?? null }];
  }
}

/** A request from another server. */
async function federate(incoming, body) {
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2) {
    headers.append(incoming.rawHeaders[at], incoming.rawHeaders[at + 1]);
  }
  const scheme = schemes.of(headers);
  const note = { method: incoming.method, path: incoming.url, scheme, status: 0 };
  world.requests.push(note);
  const hasBody = incoming.method !== "GET" && incoming.method !== "HEAD";
  if (hasBody) world.rememberBody(body, scheme);
  let response;
  if (hasBody && !schemes.understands(scheme)) {
    response = new Response(`this server understands ${schemes.name} only`, { status: 401 });
  } else {
    const request = new Request(`${world.origin}${incoming.url}`, {
      method: incoming.method,
      headers,
      body: hasBody ? body : undefined,
    });
    response = await federation.fetch(request, { contextData: undefined });
  }
  note.status = response.status;
  return response;
}

createServer(async (incoming, outgoing) => {
  try {
    const body = await bodyOf(incoming);
    if (incoming.url.startsWith("/control/")) {
      const [status, answer] = await control(incoming.method, incoming.url.slice("/control/".length), body);
      outgoing.writeHead(status, { "content-type": "application/json" });
      outgoing.end(JSON.stringify(answer));
      return;
    }
    const response = await federate(incoming, body);
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  } catch (error) {
    console.error(error);
    outgoing.writeHead(500);
    outgoing.end();
  }
}).listen(port, "127.0.0.1", () => console.log(`${world.origin} listens`));

// The test holds the other end of standard input: when it is gone, so are we.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
