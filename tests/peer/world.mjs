// What this server knows: its people, what they wrote, and what reached it.

/** One of this server's people. */
class Actor {
  constructor(name, keys) {
    this.name = name;
    this.display = name;
    this.summary = null;
    /** Pairs of CryptoKeys: RSA, then Ed25519. */
    this.keys = keys;
    this.locked = false;
    this.aliases = [];
    this.movedTo = null;
    /** Actor id to recipient (as Fedify wants it). */
    this.followers = new Map();
    /** Who may quote: "public" or "nobody". */
    this.quotable = "public";
  }
}

async function makeKeys() {
  const rsa = {
    name: "RSASSA-PKCS1-v1_5",
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: "SHA-256",
  };
  return [
    await crypto.subtle.generateKey(rsa, true, ["sign", "verify"]),
    await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]),
  ];
}

export class World {
  constructor(origin) {
    this.origin = origin;
    this.actors = new Map();
    /** Id to {id, by, content, summary, visibility, mentions, replyTo, published, updated, quote, stamp}. */
    this.notes = new Map();
    /** Path to the document of a stamp that permits a quote. */
    this.stamps = new Map();
    /** Activities that Fedify verified and understood, in their order. */
    this.received = [];
    /** Requests of other servers, and our own. */
    this.requests = [];
    this.sent = [];
    this.bodies = new Map();
    this.last = 0;
  }

  async addActor(name) {
    if (!this.actors.has(name)) this.actors.set(name, new Actor(name, await makeKeys()));
    return this.actors.get(name);
  }

  actor(name) {
    const actor = this.actors.get(name);
    if (actor == null) throw new Error(`nobody is called ${name} here`);
    return actor;
  }

  freshKeys() {
    return makeKeys();
  }

  /** A number that was not given out before. */
  next() {
    this.last += 1;
    return this.last;
  }

  /** Keeps the JSON of a request under the id of its activity, so that what was received can be shown as it came. */
  rememberBody(body, scheme) {
    try {
      const json = JSON.parse(body.toString());
      if (typeof json?.id === "string") this.bodies.set(json.id, { json, scheme });
    } catch {
      // Fedify refuses it.
    }
  }
}
