// Which of the two HTTP signature schemes this server speaks.

const NAMES = {
  both: ["rfc9421", "draft-cavage"],
  rfc9421: ["rfc9421"],
  "draft-cavage": ["draft-cavage"],
};

export class Schemes {
  constructor(name) {
    if (!(name in NAMES)) throw new Error(`no scheme ${name}`);
    this.name = name;
    this.allowed = NAMES[name];
  }

  /** Fedify's name of the scheme with which it knocks first. */
  get first() {
    return this.allowed[0] === "rfc9421" ? "rfc9421" : "draft-cavage-http-signatures-12";
  }

  /** The scheme of a request by its headers; null without a signature. */
  of(headers) {
    if (headers.has("signature-input")) return "rfc9421";
    return headers.has("signature") ? "draft-cavage" : null;
  }

  understands(scheme) {
    return scheme != null && this.allowed.includes(scheme);
  }

  /** Keeps Fedify from knocking a second time with a scheme that this server does not speak; notes what it sends. */
  guardOutgoing(world) {
    const send = globalThis.fetch;
    globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      const scheme = this.of(request.headers);
      if (scheme != null && !this.allowed.includes(scheme)) {
        return new Response(`this server speaks ${this.name} only`, { status: 401 });
      }
      const note = { method: request.method, url: request.url, scheme, status: 0 };
      world.sent.push(note);
      const response = await send(request, init?.signal == null ? undefined : { signal: init.signal });
      note.status = response.status;
      return response;
    };
  }
}
